// Who says where the broker is, and who is believed.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration.
import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/config/errors.ts";
import { type NatsFlags, readNatsSection, resolveNats, resolveSubjectPrefix } from "../../src/config/nats.ts";
import type { NatsSettings } from "../../src/config/types.ts";
import { tempFolder } from "../support/temp.ts";
import { linesOf, load } from "./support.ts";

interface Case {
  file?: string;
  env?: Record<string, string>;
  flags?: NatsFlags;
  is: string | undefined;
}

async function natsOf({ file, env = {}, flags = {} }: Omit<Case, "is">): Promise<NatsSettings | undefined> {
  const text = `services: [hello_world]\n${file === undefined ? "" : `nats: ${file}\n`}`;
  return (await load(text, { env, flags })).nats;
}

describe("the broker's address", () => {
  test.each<Case>([
    { is: undefined },
    { file: "~", is: undefined },
    { file: "{subject_prefix: ocm.svc}", is: undefined },
    { file: "{host: a}", is: "nats://a:4222 by services.yaml" },
    { file: "{host: a, port: 1}", is: "nats://a:1 by services.yaml" },
    { file: "{port: 1}", is: "nats://localhost:1 by services.yaml" },
    { file: "{required: true}", is: "nats://localhost:4222 by services.yaml" },
    { file: "{url: 'nats://a:1'}", is: "nats://a:1 by services.yaml" },
    { file: "{url: 'a:1, b'}", is: "nats://a:1,nats://b:4222 by services.yaml" },
    { file: "{servers: [a, 'nats://b:2']}", is: "nats://a:4222,nats://b:2 by services.yaml" },
    { file: "{urls: ['[::1]:2', '::1']}", is: "nats://[::1]:2,nats://[::1]:4222 by services.yaml" },
    { env: { NATS_HOST: "e" }, is: "nats://e:4222 by environment" },
    { env: { NATS_PORT: "1" }, is: "nats://localhost:1 by environment" },
    { env: { NATS_HOST: "e", NATS_PORT: "1" }, is: "nats://e:1 by environment" },
    { env: { NATS_URL: "nats://e:1", NATS_HOST: "x" }, is: "nats://e:1 by environment" },
    { env: { TCS_NATS_URL: "nats://t:1", NATS_URL: "nats://e:1" }, is: "nats://t:1 by environment" },
    { env: { NATS_URL: "" }, is: undefined },
    { file: "{host: a}", env: { NATS_URL: "nats://e:1", NATS_HOST: "e" }, is: "nats://a:4222 by services.yaml" },
    { file: "{port: 1}", env: { NATS_HOST: "e" }, is: "nats://e:1 by services.yaml" },
    { file: "{host: a}", env: { NATS_PORT: "7" }, is: "nats://a:7 by services.yaml" },
    { flags: { host: "f" }, is: "nats://f:4222 by command line" },
    { flags: { host: "f:9" }, file: "{host: a, port: 1}", is: "nats://f:9 by command line" },
    { flags: { host: "f", port: 9 }, file: "{host: a, port: 1}", is: "nats://f:9 by command line" },
    { flags: { port: 9 }, file: "{host: a, port: 1}", is: "nats://a:9 by command line" },
    { flags: { port: 9 }, is: "nats://localhost:9 by command line" },
    { flags: { host: "f" }, file: "{host: a, port: 1}", is: "nats://f:1 by command line" },
    { flags: { prefix: "x" }, is: undefined },
  ])("%j", async ({ is, ...sources }) => {
    const nats = await natsOf(sources);
    expect(nats && `${nats.servers.join(",")} by ${nats.origin}`).toBe(is as string);
  });

  test.each<[Case["file"], Record<string, string>, object]>([
    [
      "{host: a, user: u, password: '${P}'}",
      { P: "p", NATS_USER: "x", NATS_PASSWORD: "y" },
      { user: "u", password: "p" },
    ],
    ["{host: a}", { NATS_USER: "x", NATS_PASSWORD: "y" }, { user: "x", password: "y" }],
    ["{host: a, token: '${T}'}", { T: "t", NATS_USER: "x" }, { token: "t" }],
    ["{url: 'nats://u:${P}@a'}", { P: "p%40" }, { user: "u", password: "p@" }],
    ["{url: 'nats://${T}@a'}", { T: "t" }, { token: "t" }],
    ["{url: '${U}'}", { U: "nats://u:p@a" }, { user: "u", password: "p" }],
    [undefined, { NATS_URL: "nats://u:p@a" }, { user: "u", password: "p", servers: ["nats://a:4222"] }],
  ])("may come with credentials: %s %j", async (file, env, expected) => {
    expect(await natsOf({ ...(file !== undefined && { file }), env })).toMatchObject(expected);
  });

  test("is not required unless the file says so", async () => {
    expect((await natsOf({ file: "{host: a}" }))?.required).toBe(false);
    expect((await natsOf({ file: "{host: a, required: true}" }))?.required).toBe(true);
  });

  test("that is not usable is told with its source", async () => {
    const lines = await linesOf(
      natsOf({ flags: { port: 0, prefix: "a b" }, env: { NATS_URL: "http://x", NATS_PORT: "y" } }),
    );
    expect(lines).toEqual([
      'command line: --prefix: given "a b", expected a legal subject prefix (it contains white space)',
      "command line: --port: given 0, expected a port from 1 to 65535",
      'environment: NATS_URL: given "http://x", expected host, host:port, nats://host:port or tls://host:port',
      'environment: NATS_PORT: given "y", expected a port from 1 to 65535',
    ]);
    expect(() => resolveNats({ env: { NATS_URL: "ws://x" } })).toThrow(ConfigError);
  });

  test("shows no password when it is refused", async () => {
    const [line] = await linesOf(natsOf({ file: "{url: 'ws://u:secret@h'}" }));
    expect(line).toContain("ws://…@h");
    const [other] = await linesOf(natsOf({ env: { NATS_URL: "ws://u:secret@h" } }));
    expect(other).not.toContain("secret");
    const [bare] = await linesOf(natsOf({ env: { NATS_URL: "a, u:secret@h/x" } }));
    expect(bare).not.toContain("secret");
  });
});

test("a % in a login that stands for nothing is told, not thrown", async () => {
  const refused = () => resolveNats({ env: { NATS_URL: "nats://ann:50%@host" } });
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow("a % in a name or password is written %25");
  expect(refused).not.toThrow("50%");
  expect(resolveNats({ env: { NATS_URL: "nats://ann:50%25@host" } })).toMatchObject({ user: "ann", password: "50%" });
});

test("the subject prefix is the command line's, else the file's, else svc", async () => {
  const text = "services: [hello_world]\nnats: {subject_prefix: ocm.svc}\n";
  expect((await load(text)).subjectPrefix).toBe("ocm.svc");
  expect((await load(text, { flags: { prefix: "x" } })).subjectPrefix).toBe("x");
  expect(resolveSubjectPrefix({})).toBe("svc");
});

describe("for commands that need only the broker", () => {
  test.each<[string, string, string | undefined]>([
    ["a sound file", "nats: {host: a, port: 1}\nservices: [hello_world]\n", "a:1"],
    [
      "services that make no sense",
      "nats:\n  host: a\n  port: 1\nservices:\n  - type: nobody knows\n    restart: x\n",
      "a:1",
    ],
    ["broken YAML after it", 'nats:\n  host: a\n  port: 1\nservices:\n  - type: "x\n', "a:1"],
    ["no nats part", "services: [hello_world]\n", undefined],
    ["nothing at all", "", undefined],
  ])("its part is read from a file with %s", async (_, text, address) => {
    using folder = tempFolder();
    const section = await readNatsSection(await folder.write("services.yaml", text), {});
    expect(section && `${section.host}:${section.port}`).toBe(address as string);
  });

  test("variables are taken from .env beside the file", async () => {
    using folder = tempFolder();
    await folder.write(".env", "BROKER=nats.lan\n");
    const file = await folder.write("services.yaml", "nats: {host: '${BROKER}'}\n");
    const section = await readNatsSection(file, {});
    expect(resolveNats({ ...(section && { file: section }), env: {} })?.servers).toEqual(["nats://nats.lan:4222"]);
  });

  test.each([
    ["nats:\n  host: [a\nservices: []\n", "2:"],
    ["nats:\n  prot: 1\nservices: [x]\n", "2:3: nats.prot"],
    ["nats: {host: a}\nnats: {host: b}\n", "2:1"],
  ])("its own faults are told: %j", async (text, place) => {
    using folder = tempFolder();
    const file = await folder.write("services.yaml", text);
    const [line = ""] = await linesOf(readNatsSection(file, {}));
    expect(line.slice(file.length + 1)).toStartWith(place);
  });

  test("a file that is not there is told", async () => {
    expect(await linesOf(readNatsSection("/nowhere.yaml", {}))).toHaveLength(1);
  });
});
