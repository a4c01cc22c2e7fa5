// What the word at the cursor can be, told from the definitions of the commands alone.
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ArgsDef } from "citty";
import { fleetFlags } from "../../../src/cli/completion/fleet-flags.ts";
import { meaningOf } from "../../../src/cli/completion/meaning.ts";

const COMMANDS = join(import.meta.dir, "../../../src/cli/commands");

const defs: ArgsDef = {
  id: { type: "positional", required: false, valueHint: "..." },
  all: { type: "boolean" },
  config: { type: "string", alias: "c", valueHint: "FILE" },
  dir: { type: "string", valueHint: "FOLDER" },
  launcher: { type: "string", valueHint: "NAME" },
  reason: { type: "string", valueHint: "TEXT" },
};
const value = (of: string, prefix = "", used: string[] = []) => ({ kind: "value", of, prefix, used });

test.each<[string, string[], object]>([
  ["nothing yet", [""], value("service")],
  ["half a word", ["do"], value("service", "do")],
  ["a further word", ["dome.main", ""], value("service", "", ["dome.main"])],
  ["a word after options", ["--all", "--config", "x.yaml", "-c=y.yaml", "a", ""], value("service", "", ["a"])],
  ["half an option", ["--al"], { kind: "option" }],
  ["a dash", ["-"], { kind: "option" }],
  ["the value of an option", ["--config", "se"], value("file", "se")],
  ["by its short name", ["a", "-c", ""], value("file")],
  ["after its sign", ["--dir=/et"], value("folder", "/et")],
  ["a launcher", ["--launcher", "north"], value("launcher", "north")],
  ["free text", ["--reason", ""], value("free")],
  ["the value of an option that takes none", ["--all=x"], { kind: "nothing" }],
  ["the value of an unknown option", ["--unknown=x"], { kind: "nothing" }],
  ["after an unknown option", ["--unknown", ""], value("service")],
  ["what is for someone else", ["a", "--", "--wat"], { kind: "nothing" }],
])("%s", (_, words, expected) => {
  expect(meaningOf("stop", defs, words)).toMatchObject(expected);
});

test("no more words than the command takes", () => {
  const one: ArgsDef = { file: { type: "positional", required: false } };
  expect(meaningOf("run", one, [""])).toMatchObject(value("file"));
  expect(meaningOf("run", one, ["a.yaml", ""])).toEqual({ kind: "nothing" });
});

describe("every word that a command of ours takes", () => {
  const FREE = [
    "new.name",
    "service.variant",
    "rpc.command",
    "rpc.data",
    "night.date",
    "progress.subject",
    "services.type",
  ];
  test.each(readdirSync(COMMANDS).map((file) => file.replace(/\.ts$/, "")))("tcs %s", async (command) => {
    const { default: definition } = await import(join(COMMANDS, `${command}.ts`));
    const args: ArgsDef = definition.args ?? {};
    const positionals = Object.entries(args).filter(([, def]) => def.type === "positional");
    for (const [at, [name]] of positionals.entries()) {
      const meaning = meaningOf(command, args, [...Array(at).fill("x"), ""]);
      const isFree = meaning.kind === "value" && meaning.of === "free";
      expect([`${command}.${name}`, isFree]).toEqual([`${command}.${name}`, FREE.includes(`${command}.${name}`)]);
    }
    expect(definition.meta.name).toBe(command);
  });
});

test("the broker is the one that the words before the cursor name", () => {
  expect(fleetFlags(["--port", "4333", "--host=north", "dome", ""])).toEqual({ port: "4333", host: "north" });
  expect(fleetFlags(["-c", "fleet.yaml", ""])).toEqual({ config: "fleet.yaml" });
  // Half typed.
  expect(fleetFlags(["dome", "--port", "43"])).toEqual({});
  expect(fleetFlags(["--port=43"])).toEqual({});
});
