// The pure pieces of an export: clocks, names, variables, quoting, checksums.
import { expect, test } from "bun:test";
import { parse } from "yaml";
import type { Timetable } from "../../src/config/types.ts";
import { toCron } from "../../src/export/clock.ts";
import { fullName, isLabel, labelOf } from "../../src/export/names.ts";
import { isAsWritten, stamped } from "../../src/export/stamp.ts";
import { variablesIn } from "../../src/export/variables.ts";
import { yamlText } from "../../src/export/yaml-text.ts";

const MINUTE = 60_000;
const every = (intervalMs: number, more: Partial<Timetable> = {}): Timetable => ({
  schedule: { kind: "every", intervalMs },
  overlap: "skip",
  missed: "skip",
  ...more,
});
const cron = (expression: string): Timetable => ({
  ...every(0),
  schedule: { kind: "cron", expression, timeZone: "UTC" },
});

test.each([
  [every(MINUTE), "* * * * *"],
  [every(5 * MINUTE), "*/5 * * * *"],
  [every(60 * MINUTE), "0 * * * *"],
  [every(6 * 60 * MINUTE), "0 */6 * * *"],
  [every(24 * 60 * MINUTE), "0 0 * * *"],
  [cron("0  12 * * MON-FRI"), "0 12 * * MON-FRI"],
  [cron("*/7 3,4 1-5 jan 0"), "*/7 3,4 1-5 jan 0"],
])("%j is the clock's %p", (timetable, expected) => {
  expect(toCron(timetable)).toMatchObject({ ok: true, cron: expected });
});

test.each([
  every(30_000),
  every(7 * MINUTE),
  every(90 * MINUTE),
  every(48 * 60 * MINUTE),
  every(MINUTE, { overlap: "allow" }),
  every(MINUTE, { missed: "run" }),
  cron("0 12 * * 7"),
  cron("0 12 L * *"),
  cron("@daily"),
])("%j is kept by a launcher", (timetable) => {
  expect(toCron(timetable).ok).toBe(false);
});

test("a weekday of steps of seven is no Sunday", () => {
  expect(toCron(cron("0 12 * * */7")).ok).toBe(true);
});

test.each(["hello_world.main", "GROUP Sky", "x".repeat(80), "é", "--", "1.2"])("%p has a label", (text) => {
  const label = labelOf(text, new Set());
  expect(isLabel(label)).toBe(true);
  expect(labelOf(text, new Set())).toBe(label);
});

test("the name of a unit among all is a label as well, however long the two are", () => {
  const whole = { name: "observatory-of-the-northern-hemisphere" };
  const names = ["guider-of-the-telescope-one", "guider-of-the-telescope-two"].map((name) => fullName(whole, { name }));
  expect(names.every(isLabel)).toBe(true);
  expect(names[0]).not.toBe(names[1]);
  expect(fullName({ name: "tcs" }, { name: "dome-main" })).toBe("tcs-dome-main");
  expect(fullName({ name: "tcs" }, { name: "tcs" })).toBe("tcs");
});

test("texts that look alike have different labels", () => {
  const first = labelOf("a.b", new Set());
  const second = labelOf("a_b", new Set([first]));
  expect([first, second.replace(/[0-9a-f]{6}$/, "…")]).toEqual(["a-b", "a-b-…"]);
});

test.each([
  ["plain", []],
  [`\${A}`, [{ name: "A", optional: false }]],
  [
    `x\${A:-1}y\${B}`,
    [
      { name: "A", optional: true },
      { name: "B", optional: false },
    ],
  ],
  [
    `\${A:-\${B:-c}}`,
    [
      { name: "A", optional: true },
      { name: "B", optional: true },
    ],
  ],
  [`$\${A}`, []],
])("the variables of %p are found", (text, expected) => {
  expect(variablesIn(text)).toEqual(expected);
});

test.each([
  "no",
  "on",
  "y",
  "~",
  "null",
  "12:30:00",
  "1_000",
  "0o7",
  "010",
  "1e3",
  ".inf",
  "NaN",
  "=",
  "<<",
  "*x",
  "&x",
  "a: b",
  "a #b",
  "- a",
  "",
  " x ",
  "multi\nline\n",
  "tab\tnewline\n",
  "\u0000bell\u0007",
  `\${VAR}`,
  "'",
  '"',
  "2026-01-01",
  "%a",
  "@a",
  "`a",
  "-js",
  "true",
  "é",
  "\u2028",
  "a\r\nb",
])("%p is the same text for every reader of YAML", (text) => {
  const written = yamlText({ key: text, list: [text], [text === "" ? "empty" : `k${text}`]: 1 });
  for (const version of ["1.1", "1.2"] as const)
    expect(parse(written, { version })).toMatchObject({ key: text, list: [text] });
});

test("a file is as it was written until a character of it is another", () => {
  const text = stamped("compose", "a: 1\n");
  expect(isAsWritten(text)).toBe(true);
  expect(isAsWritten(text.replace("a: 1", "a: 2"))).toBe(false);
  expect(isAsWritten("a: 1\n")).toBe(false);
});
