import { expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "yaml";
import { tcsBinary } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { textsIn } from "./project.ts";

/** `tcs` in a terminal of its own. */
function inTerminal(args: string[], cwd: string, env: Record<string, string> = {}) {
  let screen = "";
  const child = Bun.spawn([tcsBinary(), ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, TERM: "xterm", ...env },
    terminal: {
      cols: 100,
      rows: 30,
      data(_terminal, data) {
        screen += new TextDecoder().decode(data);
      },
    },
  });
  return {
    child,
    screen: () => screen,
    /** Waits for a question, and answers it. */
    async answer(question: string, keys: string) {
      await waitFor(`the question "${question}" in ${JSON.stringify(screen)}`, () => screen.includes(question));
      screen = "";
      child.terminal?.write(keys);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
    },
  };
}

const ARROW_DOWN = "\u001b[B";
const SHOW_CURSOR = "\u001b[?25h";

test("in a terminal what was not given is asked", async () => {
  using temp = tempFolder();
  await using tcs = inTerminal(["new", "service"], temp.path);
  await tcs.answer("Name of the service", "ImportOnce\r");
  await tcs.answer("single-shot", `${ARROW_DOWN}${ARROW_DOWN}\r`);
  await tcs.answer("Variant", "\r");
  await tcs.answer("steps", "7\r");
  await tcs.answer("message", "\r");
  expect(await within("tcs new", tcs.child.exited)).toBe(0);
  expect(parse(textsIn(temp.path)["services.yaml"] ?? "").services).toEqual([
    {
      type: "import_once",
      variant: "main",
      module: "./import_once.ts",
      restart: "on-failure",
      steps: 7,
      message: "one more done",
    },
  ]);
});

test("what was given is not asked, and a wrong answer is asked again", async () => {
  using temp = tempFolder();
  await using tcs = inTerminal(["new", "service", "dome", "--variant", "north"], temp.path);
  await tcs.answer("Kind", "\r");
  await tcs.answer("interval", "\u0015none\r");
  await tcs.answer("expected a number above zero", "\u00152.5\r");
  await tcs.answer("message", "\r");
  expect(await within("tcs new", tcs.child.exited)).toBe(0);
  expect(parse(textsIn(temp.path)["services.yaml"] ?? "").services).toMatchObject([
    { variant: "north", interval: 2.5 },
  ]);
});

test.each([
  ["Ctrl-C", "a list", ["dome"], "Kind", "\u0003"],
  ["Ctrl-C", "a text", [], "Name of the service", "half\u0003"],
  ["Ctrl-D", "a list", ["dome"], "Kind", "\u0004"],
  ["Ctrl-D", "a text", [], "Name of the service", "\u0004"],
])("%s at %s leaves without a trace, and with a cursor", async (_key, _what, args, question, keys) => {
  using temp = tempFolder();
  await using tcs = inTerminal(["new", "service", ...args], temp.path);
  await tcs.answer(question, keys);
  expect(await within("tcs new", tcs.child.exited)).toBe(130);
  await waitFor("the last word", () => tcs.screen().endsWith("tcs: interrupted: nothing was written\r\n"));
  expect(tcs.screen()).toContain(SHOW_CURSOR);
  expect(textsIn(temp.path)).toEqual({});
});

test.each<[string, string[], Record<string, string>]>([
  ["--yes", ["--yes"], {}],
  ["--json", ["--json"], {}],
  ["CI in the environment", [], { CI: "true" }],
])("%s: nothing is asked, even in a terminal", async (_what, options, env) => {
  using temp = tempFolder();
  await using tcs = inTerminal(["new", "service", "dome", ...options], temp.path, env);
  expect(await within("tcs new", tcs.child.exited)).toBe(0);
  expect(await Bun.file(join(temp.path, "dome.ts")).exists()).toBe(true);
});
