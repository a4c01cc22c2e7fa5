// Numbers on the command line, and those that are none.
import { describe, expect, test } from "bun:test";
import { parseLimit, parseSeconds } from "../../src/cli/numbers.ts";
import { runTcs } from "../support/binary.ts";

describe("seconds", () => {
  test.each([
    [undefined, undefined],
    ["0", 0],
    ["0.5", 500],
    ["1000000", 1_000_000_000],
  ])("%p are %p milliseconds", (text, ms) => {
    expect(parseSeconds(text, "--delay")).toBe(ms);
  });

  test.each(["", " ", "-1", "soon", "Infinity", "1000001"])("%p are none", (text) => {
    const message = `--delay: given "${text}", expected a number of seconds from 0 to 1000000`;
    expect(() => parseSeconds(text, "--delay")).toThrow(message);
  });

  test("may have a limit of their own", () => {
    expect(() => parseSeconds("61", "--delay", 60)).toThrow("expected a number of seconds from 0 to 60");
  });

  test("to wait for something are more than none", () => {
    expect(parseLimit("0.1", "--timeout")).toBe(100);
    expect(() => parseLimit("0", "--timeout")).toThrow("--timeout: given 0, expected more");
  });
});

test.each([
  [["config", "set", "dome", "n=1", "--port", "1", "--revision", "x"], '--revision: given "x"'],
  [["metrics", "--once", "--host", "127.0.0.1:1", "--port", "x"], '--port: given "x"'],
])("tcs %j is refused before a broker is looked for", async (args, what) => {
  const { code, stderr } = await runTcs(args);
  expect({ code, said: stderr.split(",")[0] }).toEqual({ code: 2, said: `tcs: ${what}` });
});

// A timer that is too long ends at once: nothing would be waited for, a service killed without its time to stop.
test.each([
  [["rpc", "x.main", "health", "--timeout", "3000000"]],
  [["rpc", "x.main", "health", "--timeout", "0"]],
  [["stop", "x.main", "--timeout", "3000000"]],
  [["reload", "--timeout", "3000000"]],
  [["health", "--local", "--limit", "0"]],
  [["run", "--terminate-delay", "3601"]],
])("tcs %j is refused before anything is done", async (args) => {
  const { code, stderr } = await runTcs(args);
  expect({ code, said: stderr.split(",")[0] }).toEqual({
    code: 2,
    said: `tcs: ${args.at(-2)}: given ${args.at(-1) === "0" ? "0" : `"${args.at(-1)}"`}`,
  });
});
