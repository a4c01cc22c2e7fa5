// Rows of words in columns.
import { expect, test } from "bun:test";
import { inColumns } from "../../../src/cli/display/columns.ts";
import { renderVersions } from "../../../src/cli/display/versions.ts";

const ROWS = [
  ["SERVICE", "PID", ""],
  ["温度.main", "7", "note"],
  ["dome.main", "4711", ""],
];

test("columns are as wide as their widest cell, and no line ends in blanks", () => {
  expect(inColumns(ROWS, { width: 80, unicode: true })).toEqual([
    "SERVICE    PID",
    "温度.main  7     note",
    "dome.main  4711",
  ]);
});

test("lines are cut to the width", () => {
  expect(inColumns(ROWS, { width: 12, unicode: false })).toEqual(["SERVICE    ~", "温度.main  ~", "dome.main  ~"]);
});

test("of the versions of a fleet those that are others stand out", () => {
  const running = ["1.0.0", "0.9.0"].map((version, i) => ({
    kind: "launcher" as const,
    name: `launcher.launcher.${i}.vm-worker-launcher`,
    host: "vm",
    pid: 7 + i,
    version,
    reach: "answers" as const,
    services: 2,
  }));
  const lines = renderVersions(running, "1.0.0", { width: 80, color: true, unicode: true, now: 0 });
  expect(lines.map((line) => line.includes("\u001b[33m"))).toEqual([true, false, false, false, true]);
});
