// Secrets of the connection: where they may stand, where not, and what is said then.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration.
import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { ConfigError } from "../../src/config/errors.ts";
import { type NatsFlags, readNatsSection, resolveNats } from "../../src/config/nats.ts";
import type { NatsSettings } from "../../src/config/types.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const PEM = "-----BEGIN SOMETHING-----\n";

/** The settings by a file in a folder with secrets in it, or the lines of what is wrong. */
async function read(
  folder: TempFolder,
  nats: string | undefined,
  env: Record<string, string> = {},
  flags: NatsFlags = {},
): Promise<NatsSettings | string[] | undefined> {
  try {
    const file = await folder.write("services.yaml", `nats: ${nats ?? "~"}\n`);
    const section = await readNatsSection(file, env);
    return resolveNats({ flags, env, ...(section && { file: section }) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.lines.map((line) => line.replaceAll(`${folder.path}/`, ""));
  }
}

async function withSecrets(): Promise<TempFolder> {
  const folder = tempFolder();
  for (const name of ["secret", "client.key"]) chmodSync(await folder.write(name, `${PEM}s3cret\n`), 0o600);
  await folder.write("ca.pem", PEM);
  await folder.write("client.pem", PEM);
  chmodSync(await folder.write("open", "s3cret\n"), 0o644);
  chmodSync(await folder.write("empty", "\n"), 0o600);
  return folder;
}

describe("a file names", () => {
  test.each<[string, Partial<NatsSettings>]>([
    ["{host: h, user: ann, password_file: secret}", { user: "ann", passwordFile: "secret" }],
    ["{host: h, token_file: secret}", { tokenFile: "secret" }],
    ["{host: h, nkey_file: secret}", { nkeyFile: "secret" }],
    ["{host: h, creds_file: ./secret}", { credsFile: "secret" }],
    ["{host: h, tls: true}", { tls: {} }],
    ["{host: h, tls: {ca: ca.pem}}", { tls: { ca: "ca.pem" } }],
    ["{host: h, tls: {cert: client.pem, key: client.key}}", { tls: { cert: "client.pem", key: "client.key" } }],
    ["{url: 'tls://h'}", { tls: {}, servers: ["tls://h:4222"] }],
    [
      "{servers: ['tls://h:1', 'nats://i:2'], tls: {ca: ca.pem}}",
      { tls: { ca: "ca.pem" }, servers: ["tls://h:1", "nats://i:2"] },
    ],
    ["{host: h, inbox_prefix: _INBOX_ann}", { inboxPrefix: "_INBOX_ann" }],
  ])("%s: paths count from its folder", async (nats, expected) => {
    using folder = await withSecrets();
    const settings = await read(folder, nats);
    const relative = JSON.parse(JSON.stringify(settings).replaceAll(`${folder.path}/`, ""));
    expect(relative).toMatchObject(expected);
  });

  test("tls: false is no TLS", async () => {
    using folder = await withSecrets();
    expect(await read(folder, "{host: h, tls: false}")).not.toHaveProperty("tls");
  });
});

describe("a secret in clear is refused, and not shown:", () => {
  test.each([
    [
      "{host: h, user: u, password: hunter2}",
      "nats.password: given a password in clear, expected ${NATS_PASSWORD}, set in the environment or in .env; or password_file",
    ],
    ["{host: h, user: u, password: '${P:-hunter2}'}", "nats.password: given a password in clear"],
    ["{host: h, user: u, password: 'hunter2${P}'}", "nats.password: given a password in clear"],
    ["{host: h, user: u, password: 12345678}", "nats.password: given a password in clear"],
    ["{host: h, token: hunter2}", "nats.token: given a token in clear, expected ${NATS_TOKEN}"],
    ["{url: 'nats://u:hunter2@h'}", "nats.url: given an address with a password or token in clear"],
    ["{servers: ['nats://hunter2@h']}", "nats.servers[0]: given an address with a password or token in clear"],
    ["{url: 'nats://u:${P}@h, nats://u:hunter2@i'}", "nats.url: given an address with a password or token in clear"],
  ])("%s", async (nats, said) => {
    using folder = await withSecrets();
    const lines = String(await read(folder, nats, { P: "p" }));
    expect(lines).toContain(said);
    expect(lines).not.toMatch(/hunter2|12345678/);
  });

  test("on the command line, where ps shows it", async () => {
    using folder = await withSecrets();
    const lines = String(await read(folder, undefined, {}, { host: "nats://u:hunter2@h" }));
    expect(lines).toStartWith("command line: --host: given an address with a password or token");
    expect(lines).not.toContain("hunter2");
  });
});

describe("a file with a secret is refused", () => {
  test.each([
    [
      "creds_file: open",
      "nats.creds_file: given open, which every user of this host may use (mode 644), expected a file that only its owner can read (type: chmod 600 open)",
    ],
    ["nkey_file: open", "nats.nkey_file: given open, which every user of this host may use (mode 644)"],
    ["user: u, password_file: open", "nats.password_file: given open, which every user of this host may use"],
    ["tls: {cert: client.pem, key: open}", "nats.tls.key: given open, which every user of this host may use"],
    ["creds_file: nowhere", "nats.creds_file: given nowhere, which does not exist, expected a file that can be read"],
    ["creds_file: empty", "nats.creds_file: given empty, which is empty"],
    ["tls: {ca: secret2}", "nats.tls.ca: given secret2, which does not exist"],
    ["tls: {ca: open}", "nats.tls.ca: given open, which has none, expected a certificate in PEM (-----BEGIN …)"],
    ["tls: {cert: client.pem}", "nats.tls.cert: given cert without key, expected both, or neither"],
    ["tls: {crt: client.pem}", "nats.tls.crt: given an unknown key, expected one of ca, cert, key"],
    ["tls: maybe", 'nats.tls: given "maybe", expected true or false'],
    ["user: u, creds_file: secret", "nats.creds_file: given creds_file beside user, expected one way to log in"],
    ["nkey_file: secret, token_file: secret", "nats.nkey_file: given nkey_file beside token_file"],
    ["user: u, password: '${P}', password_file: secret", "nats.password_file: given password_file beside password"],
    ["password_file: secret", "nats.password_file: given a password without a user, expected user too"],
    ["inbox_prefix: '_INBOX.>'", 'nats.inbox_prefix: given "_INBOX.>", expected a legal prefix of inboxes'],
  ])("%s", async (nats, said) => {
    using folder = await withSecrets();
    const lines = await read(folder, `{host: h, ${nats}}`, { P: "p" });
    expect(lines).toBeArray();
    expect(String(lines)).toMatch(/^services\.yaml:1:/);
    expect(String(lines)).toContain(said);
  });
});

describe("the environment", () => {
  const at = (folder: TempFolder, env: Record<string, string>) =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace("@/", `${folder.path}/`)]));

  test.each<[Record<string, string>, Partial<NatsSettings>]>([
    [{ NATS_CREDS: "@/secret" }, { credsFile: "secret" }],
    [{ NATS_NKEY: "@/secret" }, { nkeyFile: "secret" }],
    [{ NATS_TOKEN_FILE: "@/secret" }, { tokenFile: "secret" }],
    [
      { NATS_USER: "ann", NATS_PASSWORD_FILE: "@/secret" },
      { user: "ann", passwordFile: "secret" },
    ],
    [
      { NATS_USER: "ann", NATS_PASSWORD: "p", NATS_CREDS: "@/secret" },
      { user: "ann", password: "p" },
    ],
    [{ NATS_CA: "@/ca.pem" }, { tls: { ca: "ca.pem" } }],
    [{ NATS_CERT: "@/client.pem", NATS_KEY: "@/client.key" }, { tls: { cert: "client.pem", key: "client.key" } }],
    [{ NATS_URL: "tls://h" }, { tls: {}, servers: ["tls://h:4222"] }],
    [{ NATS_INBOX_PREFIX: "_INBOX_ann" }, { inboxPrefix: "_INBOX_ann" }],
  ])("%j", async (env, expected) => {
    using folder = await withSecrets();
    const settings = await read(folder, undefined, at(folder, { NATS_URL: "h", ...env }));
    expect(JSON.parse(JSON.stringify(settings).replaceAll(`${folder.path}/`, ""))).toMatchObject(expected);
  });

  test("is not mixed with what the file says of the login", async () => {
    using folder = await withSecrets();
    const settings = await read(folder, "{host: h, creds_file: secret}", { NATS_USER: "ann", NATS_PASSWORD: "p" });
    expect(settings).toMatchObject({ credsFile: `${folder.path}/secret` });
    expect(settings).not.toHaveProperty("user");
  });

  test.each([
    [{ NATS_CREDS: "@/open" }, "environment: NATS_CREDS: given open, which every user of this host may use"],
    [
      { NATS_KEY: "@/client.key" },
      "environment: NATS_KEY: given NATS_KEY without NATS_CERT, expected both, or neither",
    ],
    [{ NATS_CA: "@/nowhere" }, "environment: NATS_CA: given nowhere, which does not exist"],
    [{ NATS_INBOX_PREFIX: "a b" }, 'environment: NATS_INBOX_PREFIX: given "a b"'],
  ])("%j is refused", async (env, said) => {
    using folder = await withSecrets();
    expect(String(await read(folder, undefined, at(folder, { NATS_URL: "h", ...env })))).toStartWith(said);
  });
});
