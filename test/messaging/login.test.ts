// Logins and TLS at a real broker: each way in works, and each way to be kept out is said in words.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { nkeys } from "nats";
import { BrokerUnreachableError } from "../../src/common/errors.ts";
import type { NatsSettings } from "../../src/config/types.ts";
import { connectOnce } from "../../src/messaging/connect-once.ts";
import { isEncrypted, ownerOf } from "../../src/messaging/login.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { makeCreds } from "../support/creds.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { logbook, messengerTo, settings } from "./support.ts";

let folder: TempFolder;
let certificates: Certificates;
beforeAll(async () => {
  folder = tempFolder();
  certificates = await makeCertificates();
});
afterAll(() => {
  folder[Symbol.dispose]();
  certificates[Symbol.dispose]();
});

const secretFile = async (name: string, text: string, mode = 0o600) => {
  const path = await folder.write(name, text);
  chmodSync(path, mode);
  return path;
};

/** What connecting comes to: whose the connection is, or why there is none. */
async function outcome(url: string, more: Partial<NatsSettings>): Promise<string> {
  try {
    const connection = await connectOnce(settings(url, more), "test", 3_000);
    const what = `${isEncrypted(connection) ? "TLS, " : ""}${ownerOf(connection)}`;
    await connection.close();
    return what;
  } catch (error) {
    if (!(error instanceof BrokerUnreachableError)) throw error;
    return `${error.message.replace(/^.*\): /, "")} -> ${error.hint}`;
  }
}

describe("an nkey", () => {
  const user = nkeys.createUser();
  const config = `authorization { users: [ {nkey: ${user.getPublicKey()}} ] }`;
  const seed = new TextDecoder().decode(user.getSeed());

  test("logs in with the seed in a file, also with white space around it", async () => {
    await using broker = await startNats({ config });
    const nkeyFile = await secretFile("user.nk", `${seed}\n`);
    expect(await outcome(broker.url, { nkeyFile })).toBe("the user of user.nk");
  });

  test("that the broker does not know, or that is none, is refused in words", async () => {
    await using broker = await startNats({ config });
    const other = await secretFile("other.nk", new TextDecoder().decode(nkeys.createUser().getSeed()));
    const refused = await outcome(broker.url, { nkeyFile: other });
    expect(refused).toStartWith("it refuses these credentials (the user of other.nk) -> check ");
    const junk = await secretFile("junk.nk", "password123");
    const none = await outcome(broker.url, { nkeyFile: junk });
    expect(none).toContain(`${junk} holds no nkey seed`);
    expect(none).not.toContain("password123");
  });

  test("in a file that everybody can read is not sent anywhere", async () => {
    await using broker = await startNats({ config });
    const nkeyFile = await secretFile("open.nk", seed, 0o644);
    expect(await outcome(broker.url, { nkeyFile })).toContain(`-> type: chmod 600 ${nkeyFile}`);
  });
});

describe("a creds file", () => {
  test("logs in, is read anew at each connection, and is refused when it has expired", async () => {
    const issuer = makeCreds();
    await using broker = await startNats({ config: issuer.serverConfig, jetstream: false });
    const credsFile = await secretFile("ann.creds", issuer.creds());
    expect(await outcome(broker.url, { credsFile })).toBe("the user of ann.creds");
    await secretFile("ann.creds", issuer.creds({ exp: Math.floor(Date.now() / 1000) - 60 }));
    expect(await outcome(broker.url, { credsFile })).toStartWith(
      "it refuses these credentials (the user of ann.creds)",
    );
    await secretFile("ann.creds", issuer.creds());
    expect(await outcome(broker.url, { credsFile })).toBe("the user of ann.creds");
  });

  test("that is none is said", async () => {
    await using broker = await startNats();
    const credsFile = await secretFile("junk.creds", "hunter2");
    const said = await outcome(broker.url, { credsFile });
    expect(said).toContain(`${credsFile} is not a creds file`);
    expect(said).not.toContain("hunter2");
  });
});

test("a password and a token may stand in files", async () => {
  await using byUser = await startNats({ config: "authorization { user: ann, password: s3cret }" });
  const passwordFile = await secretFile("password", "s3cret\n");
  expect(await outcome(byUser.url, { user: "ann", passwordFile })).toBe('the user "ann"');
  await using byToken = await startNats({ config: "authorization { token: t0ken }" });
  const tokenFile = await secretFile("token", "t0ken\n");
  expect(await outcome(byToken.url, { tokenFile })).toBe("the user of this token");
});

test("a password file that was renewed counts when the broker comes back", async () => {
  const { logger, lines } = logbook();
  const config = (password: string) => `authorization { user: ann, password: ${password} }`;
  await using first = await startNats({ config: config("first-one") });
  const passwordFile = await secretFile("renewed", "first-one");
  await using messenger = messengerTo("", { settings: settings(first.url, { user: "ann", passwordFile }), logger });
  await messenger.open();
  await first.kill();
  await using second = await startNats({ config: config("second-one"), port: first.port });
  await waitFor("the refusal", () => lines.some((line) => line.includes("it refuses these credentials")));
  expect(lines.filter((line) => line.includes("it refuses these credentials"))).toHaveLength(1);
  expect(lines.join("\n")).not.toMatch(/first-one|second-one/);
  await secretFile("renewed", "second-one");
  await waitFor("the connection", () => messenger.state === "connected");
  expect(second.port).toBe(first.port);
}, 30_000);

describe("TLS", () => {
  let broker: TestBroker;
  let verifying: TestBroker;
  let misnamed: TestBroker;
  let expired: TestBroker;
  let client: { cert: string; key: string };
  const NAMES = "IP:127.0.0.1,DNS:localhost";
  beforeAll(async () => {
    const serve = async (name: string, names: string, days?: number, more = "") => {
      const { cert, key } = await certificates.issue(name, names, days);
      const tls = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${certificates.ca}", timeout: 5, ${more} }`;
      return await startNats({ config: tls });
    };
    broker = await serve("server", NAMES);
    verifying = await serve("verifying", NAMES, 1, "verify: true");
    misnamed = await serve("misnamed", "DNS:nats.example");
    expired = await serve("expired", NAMES, -1);
    client = await certificates.issue("client", "DNS:client.example");
  });
  afterAll(async () => {
    for (const each of [broker, verifying, misnamed, expired]) await each?.[Symbol.asyncDispose]();
  });
  const ca = () => ({ ca: certificates.ca });

  test("trusts the signer that is named", async () => {
    expect(await outcome(broker.url, { tls: ca() })).toBe("TLS, this user");
    expect(await outcome(`tls://localhost:${broker.port}`, { tls: ca() })).toBe("TLS, this user");
  });

  test("trusts nobody that it does not know", async () => {
    const said = "its TLS certificate is not signed by anybody this system trusts -> ";
    expect(await outcome(broker.url, {})).toStartWith(said);
    expect(await outcome(broker.url, { tls: {} })).toStartWith(said);
    const { cert } = client;
    expect(await outcome(broker.url, { tls: { ca: cert } })).toStartWith(
      `its TLS certificate is not signed by ${cert}`,
    );
  });

  test("sees that a certificate is for another name, or has expired", async () => {
    const said = "its TLS certificate is for another name than 127.0.0.1 -> use a name that stands in the certificate";
    expect(await outcome(misnamed.url, { tls: ca() })).toStartWith(said);
    expect(await outcome(expired.url, { tls: ca() })).toStartWith("its TLS certificate has expired -> ");
  });

  test("shows our certificate to a broker that wants one; without, it is said what may be missing", async () => {
    expect(await outcome(verifying.url, { tls: { ...ca(), ...client } })).toBe("TLS, this user");
    expect(await outcome(verifying.url, { tls: ca() })).toContain("nats.tls.cert and nats.tls.key");
  });

  test("is never left out where it was demanded", async () => {
    await using plain = await startNats();
    expect(await outcome(plain.url, { tls: {} })).toStartWith("TLS is demanded here, and this broker offers none -> ");
  });

  test("a key of another certificate, and a file that is no certificate, are ours to mend", async () => {
    const { key } = await certificates.issue("other", "DNS:other.example");
    const swapped = await outcome(verifying.url, { tls: { ...ca(), cert: client.cert, key } });
    expect(swapped).toStartWith("nats.tls.key is not the key of nats.tls.cert");
    const junk = await folder.write("junk.pem", "-----BEGIN JUNK-----\n");
    expect(await outcome(broker.url, { tls: { ca: junk } })).toContain(
      "check nats.tls: ca, cert and key are PEM files",
    );
  });

  test("a messenger that has lost its broker says so when that comes back with a certificate it does not trust", async () => {
    const { logger, lines } = logbook();
    await using plain = await startNats();
    await using messenger = messengerTo("", { settings: settings(plain.url), logger });
    await messenger.open();
    await plain.kill();
    const { cert, key } = await certificates.issue("late", NAMES);
    await using late = await startNats({
      port: plain.port,
      config: `tls { cert_file: "${cert}", key_file: "${key}" }`,
    });
    await waitFor("the word", () => lines.some((line) => line.includes("not signed by anybody")));
    expect(lines.filter((line) => line.includes("not signed by anybody"))).toHaveLength(1);
    expect(late.port).toBe(plain.port);
  }, 30_000);

  test("several servers: the next one is taken when the first does not let us in", async () => {
    await using other = await startNats();
    const connection = await connectOnce({ ...settings(""), servers: [broker.url, other.url] }, "test", 3_000);
    expect(connection.getServer()).toBe(`127.0.0.1:${other.port}`);
    await connection.close();
  });
});
