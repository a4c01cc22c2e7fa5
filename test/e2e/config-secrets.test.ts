// Secrets of a configuration, however they are given, stand in nothing that tcs shows, writes or publishes.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { runTcs, spawnTcs, type TcsProcess } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { listenToWire, type WireLog } from "../support/wire.ts";

/** All that is secret has this in it. */
const SECRET = "s3cret";

const VAULT = `import { BaseBlockingPermanentService, BaseServiceConfig, Status, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  code: z.string().min(8).meta({ secret: true }),
  spare: z.string().meta({ secret: true }).default("${SECRET}-of-schema"),
  nested: z.object({ list: z.array(z.string().meta({ secret: true })) }),
  apiToken: z.string(),
  camera_pin: z.string(),
  lens_password: z.string(),
  link: z.string(),
  plain: z.string().default("nothing"),
});
@service({ config: Config })
export class Vault extends BaseBlockingPermanentService<typeof Config> {
  async runService() {
    const { config } = this;
    this.logger.warning("mine: " + JSON.stringify(config));
    this.monitor.setStatus(Status.DEGRADED, "cannot open " + config.link + " with " + config.apiToken + " and " + config.code);
    while (this.isRunning) await this.sleep(1);
    throw new Error("could not close " + config.code);
  }
}`;

const row = (code: string) => `services:
  - type: vault
    code: ${code}
    nested: {list: [${SECRET}-of-list]}
    apiToken: \${SITE_TOKEN}
    link: http://me:${SECRET}-of-url@host/x
    plain: \${NO_SUCH_PASSWORD:-${SECRET}-of-variable}
  - {type: clock, command: [sleep, "1000"], env: {CLOCK_KEY: ${SECRET}-of-program}}
`;
const SETS = ["--set", `vault.lens_password=${SECRET}-of-option`];

let folder: TempFolder;
let broker: TestBroker;
let wire: WireLog;
let tcs: TcsProcess;
let env: Record<string, string>;

beforeAll(async () => {
  folder = tempFolder();
  broker = await startNats();
  wire = await listenToWire(broker.url);
  const nats = `nats: {port: ${broker.port}, user: bob, password: "\${BROKER_WORD}"}\n`;
  await folder.write("vault.ts", VAULT);
  await folder.write("services.yaml", `${nats}${row(`${SECRET}-of-file`)}`);
  // Too short for its schema, and of the wrong kind.
  await folder.write("wrong.yaml", `${nats}${row("s3cret")}`.replace("link: ", "link: [1]\n    wrong_token: "));
  await folder.write(".env", `SITE_TOKEN=${SECRET}-of-dotenv\nBROKER_WORD=${SECRET}-of-broker\n`);
  env = { TCS_STATE_DIR: join(folder.path, ".state"), VAULT_CAMERA_PIN: `${SECRET}-of-environment` };
  tcs = spawnTcs(["run", ...SETS], { cwd: folder.path, env });
  await tcs.waitForLine(/2 of 2 services running/);
});
afterAll(async () => {
  await tcs[Symbol.asyncDispose]();
  await wire[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const COMMANDS: string[][] = [
  ["config", "explain", "vault", ...SETS],
  ["config", "explain", "vault", ...SETS, "--json"],
  ["config", "explain", "vault", "code"],
  ["config", "explain", "vault", "--config", "wrong.yaml", ...SETS],
  ["config", "explain", "clock"],
  ["config", "check", ...SETS],
  ["config", "check", "wrong.yaml", ...SETS],
  ["config", "check", "wrong.yaml", "--json", ...SETS],
  ["config", "check", "--json", "--set", `vault.code=${SECRET}`, "--set", `vault.password=${SECRET}`],
  ["config", "schema"],
  ["run", "--check", "wrong.yaml", ...SETS],
  ["status"],
  ["status", "--json"],
  ["status", "--detailed"],
  ["list"],
  ["list", "--json"],
  ["why", "vault"],
  ["why", "vault", "--json"],
  ["why", "clock", "--json"],
  ["health", "vault"],
  ["stats", "vault", "--json"],
  ["events", "--json"],
  ["logs", "vault"],
  ["logs", "--json"],
  ["doctor"],
  ["doctor", "--json"],
  ["reload", "--dry-run", "--json"],
];

test.each(COMMANDS.map((command) => [command.join(" ").replaceAll(SECRET, "…"), command] as const))(
  "tcs %s",
  async (_, command) => {
    const { stdout, stderr } = await runTcs(command, { cwd: folder.path, env });
    const said = stdout + stderr;
    expect(said).not.toBe("");
    expect(said.split("\n").filter((line) => line.includes(SECRET))).toEqual([]);
  },
);

test("what it does say shows that something is there", async () => {
  const { stdout } = await runTcs(["config", "explain", "vault", ...SETS], { cwd: folder.path, env });
  for (const key of ["code", "spare", "nested.list", "apiToken", "camera_pin", "lens_password", "plain"]) {
    expect(stdout).toMatch(new RegExp(`^${key} +(?:\\*\\*\\*|\\["\\*\\*\\*"\\])`, "m"));
  }
  expect(stdout).toMatch(/^link +http:\/\/me:\*\*\*@host\/x/m);
});

test("the launcher's own words, its log files and the wire", async () => {
  await runTcs(["stop", "vault"], { cwd: folder.path, env });
  await wire.flush();
  expect(`${tcs.stdout}${tcs.stderr}`).toContain("mine: ");
  expect(`${tcs.stdout}${tcs.stderr}`).not.toContain(SECRET);
  const sent = wire.records.map((message) => JSON.stringify(message));
  expect(sent.length).toBeGreaterThan(5);
  expect(sent.filter((message) => message.includes(SECRET))).toEqual([]);
  for await (const path of new Glob("**/*").scan({ cwd: join(folder.path, ".state"), absolute: true })) {
    expect([path, (await Bun.file(path).text()).includes(SECRET)]).toEqual([path, false]);
  }
});
