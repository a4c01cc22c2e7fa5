// A whole fleet over TLS with a secret in a file, by the executable: it works, says so, and the secret is nowhere to be seen.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { makeCreds } from "../support/creds.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { startSecuredNats } from "../support/secured.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

let certificates: Certificates;
let broker: TestBroker;
let folder: TempFolder;
beforeAll(async () => {
  certificates = await makeCertificates();
  const { cert, key } = await certificates.issue("server", "IP:127.0.0.1,DNS:localhost");
  broker = await startSecuredNats(`tls { cert_file: "${cert}", key_file: "${key}", timeout: 5 }`);
  folder = tempFolder();
  await secret("launcher.password", "launcher-pw");
  await secret("operator.password", "operator-pw");
});
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  certificates?.[Symbol.dispose]();
  folder?.[Symbol.dispose]();
});

const secret = async (name: string, text: string) => chmodSync(await folder.write(name, `${text}\n`), 0o600);

const nats = (role: string, servers = [`tls://localhost:${broker.port}`]) => `nats:
  servers: ${JSON.stringify(servers)}
  tls: {ca: ${certificates.ca}}
  user: ${role}
  password_file: ${role}.password
  inbox_prefix: _INBOX_${role}
`;

/** What ps shows of every process of this host that is ours to see. */
function commandLines(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8") + readFileSync(`/proc/${pid}/comm`, "utf8");
      } catch {
        // It has ended meanwhile.
        return "";
      }
    })
    .join("\n");
}

test("a fleet runs, is seen and controlled; the secret is in no output, log, environment or process title", async () => {
  const gone = `tls://localhost:${await freePort()}`;
  const services = `log_level: debug
services:
  - {type: hello_world, launcher: process, interval: 1}
  - {type: probe, command: [sh, -c, "env; exec sleep 600"], restart: no}
`;
  const file = await folder.write(
    "services.yaml",
    nats("launcher", [gone, `tls://localhost:${broker.port}`]) + services,
  );
  const operator = await folder.write("operator.yaml", nats("operator"));
  const TCS_STATE_DIR = join(folder.path, ".state");
  await using run = spawnTcs(["run", "--config", file], { env: { TCS_STATE_DIR } });
  await run.waitForLine(/2 of 2 services running/);

  const status = await runTcs(["status", "--config", operator]);
  expect([status.code, status.stderr]).toEqual([0, ""]);
  expect(status.stdout).toMatch(/hello_world\.main +ok/);
  const stop = await runTcs(["stop", "hello_world.main", "--config", operator]);
  expect([stop.code, stop.stderr]).toEqual([0, ""]);
  const doctor = await runTcs(["doctor", "--config", operator]);
  expect(doctor.stdout).toContain(`as "operator"), nats-server`);
  expect(doctor.stdout).toContain(`TLS (checked by ${certificates.ca})`);
  expect(doctor.stdout).toContain('the user "operator" has the rights of an operator');

  // A program that reports for itself learns where the broker is and whom to believe; its login is its own.
  await run.waitForLine(new RegExp(`NATS_CA=${certificates.ca}`));
  await run.waitForLine(/NATS_URL=tls:\/\/localhost:\d+/);
  const logs = new Bun.Glob("**/*").scanSync({ cwd: TCS_STATE_DIR, dot: true, onlyFiles: true });
  const kept = [...logs].map((name) => readFileSync(join(TCS_STATE_DIR, name), "utf8")).join("\n");
  for (const text of [run.stdout, run.stderr, kept, doctor.stdout, commandLines()]) {
    expect(text).not.toMatch(/launcher-pw|operator-pw/);
  }
}, 60_000);

describe("what is wrong is said, exit code 4:", () => {
  test("a certificate that is not known", async () => {
    const { code, stderr } = await runTcs(["status"], { env: { NATS_URL: `tls://localhost:${broker.port}` } });
    expect(code).toBe(4);
    expect(stderr).toContain(
      `no connection to tls://localhost:${broker.port} (address from: environment): its TLS certificate is not signed by`,
    );
    expect(stderr).toContain("nats.tls.ca or NATS_CA");
  });

  test("a password that is refused, by tcs status and by the launcher, which goes on trying and says it once", async () => {
    await secret("wrong.password", "not-the-one");
    const yaml = nats("launcher").replace("launcher.password", "wrong.password");
    const file = await folder.write("wrong.yaml", `${yaml}services: [hello_world]\n`);
    const { code, stderr } = await runTcs(["status", "--config", file]);
    expect(code).toBe(4);
    expect(stderr).toContain('it refuses these credentials (the user "launcher")');
    expect(stderr).toContain(`check nats.user and ${folder.path}/wrong.password`);
    await using run = spawnTcs(["run", "--config", file]);
    await run.waitForLine(/WARNING.*it refuses these credentials/);
    await run.waitForLine(/1 of 1 services running|1 service/);
    // Meanwhile it is tried again a few times.
    await Bun.sleep(1_500);
    expect((run.stdout + run.stderr).match(/it refuses these credentials/g)).toHaveLength(1);
    await secret("wrong.password", "launcher-pw");
    await run.waitForLine(/connected to the broker/);
    expect(run.stdout + run.stderr + stderr).not.toContain("not-the-one");
  }, 60_000);

  test("a file with a secret that everybody can read: exit code 5, and what to type", async () => {
    chmodSync(await folder.write("open.creds", "hunter2"), 0o604);
    const file = await folder.write("open.yaml", "nats: {host: h, creds_file: open.creds}\nservices: [hello_world]\n");
    for (const args of [["status"], ["run", "--check"]]) {
      const { code, stdout, stderr } = await runTcs([...args, "--config", file]);
      expect(code).toBe(5);
      expect(stderr).toContain(`type: chmod 600 ${folder.path}/open.creds`);
      expect(stdout + stderr).not.toContain("hunter2");
    }
  });
});

test("creds and client certificates work in the executable, by the environment", async () => {
  const issuer = makeCreds();
  const { cert, key } = await certificates.issue("verifying", "IP:127.0.0.1");
  const client = await certificates.issue("client", "DNS:client");
  const tls = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${certificates.ca}", verify: true, timeout: 5 }`;
  await using strict = await startNats({ config: `${tls}\n${issuer.serverConfig}`, jetstream: false });
  await secret("ann.creds", issuer.creds());
  const env = {
    ...{ NATS_URL: strict.url, NATS_CA: certificates.ca, NATS_CERT: client.cert, NATS_KEY: client.key },
    NATS_CREDS: join(folder.path, "ann.creds"),
  };
  const { stdout } = await runTcs(["doctor"], { env });
  expect(stdout).toContain(`as the user of ann.creds), nats-server`);
  expect(stdout).toContain("it has seen our certificate");
});
