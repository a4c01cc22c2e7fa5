import { expect, test } from "bun:test";
import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { forJournal, isJournalStream } from "../../src/common/journal.ts";
import { formatForJournal } from "../../src/common/log-line.ts";
import { LOG_LEVELS } from "../../src/common/logger.ts";
import { spawnTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";

test("every level has a priority, the worse the smaller, before each line", () => {
  expect(LOG_LEVELS.map((level) => forJournal(level, "x"))).toEqual(["<7>x", "<6>x", "<4>x", "<3>x", "<2>x"]);
  expect(forJournal("error", "one\ntwo")).toBe("<3>one\n<3>two");
});

test("a record has its source in each line, and neither time nor colour", () => {
  const record = { time: 0, level: "warning", source: "dome.main", message: "stuck\nat \x1b[31m30" } as const;
  expect(formatForJournal(record)).toBe("<4>dome.main  stuck\n<4>dome.main  at \\x1b[31m30");
});

test("only the very stream that is named is the journal", async () => {
  using folder = tempFolder();
  await folder.write("a", "");
  const descriptor = openSync(join(folder.path, "a"), "r");
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    expect(isJournalStream(`${dev}:${ino}`, descriptor)).toBe(true);
    expect(isJournalStream(`${dev}:${ino + 1n}`, descriptor)).toBe(false);
    expect(isJournalStream(undefined, descriptor)).toBe(false);
  } finally {
    closeSync(descriptor);
  }
  expect(isJournalStream("1:1", 9999)).toBe(false);
});

test("a tcs whose parent's output went to the journal writes for people", async () => {
  await using tcs = spawnTcs(["run", "missing.yaml"], { env: { JOURNAL_STREAM: "8:12345" } });
  expect(await tcs.exited).toBe(5);
  expect(tcs.stderr).toStartWith("missing.yaml: ");
});
