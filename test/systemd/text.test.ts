import { describe, expect, test } from "bun:test";
import {
  commandWord,
  escapeInstance,
  escapePath,
  literal,
  quoted,
  timeSpan,
  unitText,
} from "../../src/systemd/units/index.ts";
import { systemdOrSay } from "../support/systemd.ts";

const ODD = ["a.b", "a@b", "a b", ".hidden", "über", "a/b", "a-b", "x\\y", "100%", "a:b_c", "ü.m@in $1"];

describe.skipIf(!systemdOrSay())("names", () => {
  test.each(ODD)("%s is escaped as systemd-escape does it", async (name) => {
    const said = await Bun.$`systemd-escape -- ${name}`.text();
    expect(escapeInstance(name)).toBe(said.trim());
  });

  test.each(["/", "/etc/tcs/night.yaml", "/etc//tcs/", "/srv/a b/c-d.yaml", "/.x/.y"])(
    "the path %s is escaped as systemd-escape does it, and comes back",
    async (path) => {
      const escaped = escapePath(path);
      expect(escaped).toBe((await Bun.$`systemd-escape --path -- ${path}`.text()).trim());
      const back = (await Bun.$`systemd-escape --unescape --path -- ${escaped}`.text()).trim();
      expect(back).toBe(path === "/etc//tcs/" ? "/etc/tcs" : path);
    },
  );
});

test("words are quoted where they would be taken apart, and specifiers and variables stand for themselves", () => {
  expect(quoted("/opt/tcs/tcs")).toBe("/opt/tcs/tcs");
  expect(quoted("")).toBe('""');
  expect(quoted('a "b" \\c')).toBe('"a \\"b\\" \\\\c"');
  expect(quoted("100%")).toBe('"100%%"');
  expect(quoted("a\nb")).toBe('"a\\nb"');
  expect(commandWord("$HOME")).toBe('"$$HOME"');
  expect(commandWord("%f")).toBe('"%%f"');
  expect(literal("/srv/100%/$x")).toBe("/srv/100%%/$x");
});

test("times are whole seconds where they can be", () => {
  expect([0, 1500, 15_000, 600_000, 0.4].map(timeSpan)).toEqual(["0s", "1500ms", "15s", "600s", "1ms"]);
});

test("sections without directives are left out", () => {
  expect(unitText(["By us."], { Unit: [], Service: [["Type", "notify"]] })).toBe(
    "# By us.\n\n[Service]\nType=notify\n",
  );
});
