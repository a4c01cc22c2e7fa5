// `${VAR}` in a configuration file, and the .env file beside it.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration, not of this file
import { describe, expect, test } from "bun:test";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf, load } from "./support.ts";

describe("variables", () => {
  test("stand for the environment's values, as numbers where they look like numbers", async () => {
    const fleet = await load(
      `services:
  - type: hello_world
    port: \${PORT}
    url: http://\${HOST:-localhost}:\${PORT}
    key: "\${KEY}"
    flag: \${FLAG}
    literal: $\${PORT}
    list: ["\${PORT}", "\${MISSING:-\${HOST:-inner}}"]
`,
      { env: { PORT: "4222", KEY: "00123", FLAG: "true" } },
    );
    expect(fleet.services[0]?.fields).toEqual({
      port: 4222,
      url: "http://localhost:4222",
      key: "00123",
      flag: true,
      literal: "${PORT}",
      list: [4222, "inner"],
    });
    expect(fleet.services[0]?.texts).toEqual({ port: "4222", flag: "true", "list[0]": "4222" });
  });

  test("work in every setting", async () => {
    const fleet = await load(
      "nats: {host: '${H}', port: '${P}'}\nservices:\n  - type: ${T}\n    variant: ${V}\n    restart_sec: ${S}\n    log_level: ${L:-debug}\n",
      { env: { H: "broker", P: "4333", T: "hello_world", V: "12", S: "2.5" } },
    );
    expect(fleet.nats?.servers).toEqual(["nats://broker:4333"]);
    expect(fleet.services[0]).toMatchObject({ id: "hello_world.12", restart: { delayMs: 2500 }, logLevel: "debug" });
  });

  test("that are not set, or not well written, are told with their places", async () => {
    const text =
      "services:\n  - type: hello_world\n    a: ${NOPE}\n    b:\n      c: [x, 'y ${NOPE}']\n    d: ${NATS-HOST}\n    e: ${open\n";
    expect(await linesOf(load(text))).toEqual([
      "services.yaml:3:8: services[0].a: given ${NOPE}, which is not set, expected NOPE in the environment or in .env, or a default as in ${NOPE:-value}",
      "services.yaml:5:14: services[0].b.c[1]: given ${NOPE}, which is not set, expected NOPE in the environment or in .env, or a default as in ${NOPE:-value}",
      'services.yaml:6:8: services[0].d: given "${NATS-HOST}", expected ${NAME} or ${NAME:-default}, or $${ for the characters ${ themselves',
      'services.yaml:7:8: services[0].e: given "${open", expected ${NAME} or ${NAME:-default}, or $${ for the characters ${ themselves',
    ]);
  });

  test("come from .env beside the file; the real environment wins", async () => {
    using folder = tempFolder();
    await folder.write(".env", "A=from-dotenv\nB=from-dotenv\n");
    const file = await folder.write("services.yaml", "services:\n  - type: hello_world\n    a: ${A}\n    b: ${B}\n");
    const fleet = await loadFleet({ file, env: { B: "real" }, builtinTypes: BUILTINS });
    expect(fleet.services[0]?.fields).toEqual({ a: "from-dotenv", b: "real" });
  });

  test("a broken .env is told together with the file's own faults", async () => {
    using folder = tempFolder();
    await folder.write(".env", "A=1\nnot an assignment\n");
    const file = await folder.write("services.yaml", "services:\n  - type: hello_wrld\n");
    const lines = await linesOf(loadFleet({ file, env: {}, builtinTypes: BUILTINS }));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(`${folder.path}/.env:2:1: given a line that is not an assignment, expected NAME=value`);
  });
});
