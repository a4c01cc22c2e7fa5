// Reading the log files of this host: history from the end, and following over rotation.
import { expect, test } from "bun:test";
import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LogLine, toFileLine } from "../../src/logs/line.ts";
import { filesOf, findLocalLogs } from "../../src/logs/local.ts";
import { followLocalLogs } from "../../src/logs/local-follow.ts";
import { type LocalMark, readLocalLog } from "../../src/logs/local-history.ts";
import { LogStore } from "../../src/logs/store.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { NOON, record } from "./support.ts";

const ID = "dome.main";

/** A launcher's folder with the files of one service, the oldest first. */
function logWith(folder: TempFolder, ...files: string[][]) {
  const path = join(folder.path, "launcher.x", "dome.main.jsonl");
  mkdirSync(join(path, ".."), { recursive: true });
  for (const [n, messages] of files.entries()) {
    const number = files.length - 1 - n;
    const text = messages.map((message) => toFileLine(ID, record(message, { time: NOON + n * 1_000 }))).join("");
    writeFileSync(number === 0 ? path : `${path}.${number}`, text);
  }
  return { id: ID, path };
}

const said = (lines: LogLine[]) => lines.map(({ record }) => record.message);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `line ${from + n}`);

test("the logs of every launcher are found, also those that are being rotated", () => {
  using folder = tempFolder();
  const log = logWith(folder, ["old"], ["new"]);
  mkdirSync(join(folder.path, "launcher.y"));
  writeFileSync(join(folder.path, "launcher.y", "a%2Fb.main.jsonl.1"), "");
  writeFileSync(join(folder.path, "launcher.y", "notes.txt"), "");
  expect(findLocalLogs(folder.path).toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
    { id: "a/b.main", path: join(folder.path, "launcher.y", "a%2Fb.main.jsonl") },
    log,
  ]);
  expect(filesOf(log)).toEqual([`${log.path}.1`, log.path]);
  expect(findLocalLogs(join(folder.path, "nowhere"))).toEqual([]);
});

test("the last lines are read over the borders of files", async () => {
  using folder = tempFolder();
  const log = logWith(folder, numbers(0, 10), numbers(10, 20), numbers(20, 25));
  expect(said((await readLocalLog(log, {}, 3)).lines)).toEqual(numbers(22, 25));
  expect(said((await readLocalLog(log, {}, 12)).lines)).toEqual(numbers(13, 25));
  expect(said((await readLocalLog(log, {}, 1_000)).lines)).toEqual(numbers(0, 25));
  expect((await readLocalLog(log, {}, 0)).lines).toEqual([]);
});

test("only the wanted lines count", async () => {
  using folder = tempFolder();
  const log = logWith(folder, numbers(0, 10), numbers(10, 20));
  appendFileSync(
    log.path,
    toFileLine(ID, record("bad", { level: "error", time: NOON + 5_000 })) +
      toFileLine(ID, record("end", { time: NOON + 6_000 })),
  );
  expect(said((await readLocalLog(log, { least: "warning" }, 5)).lines)).toEqual(["bad"]);
  expect(said((await readLocalLog(log, { until: NOON }, 3)).lines)).toEqual(numbers(7, 10));
  expect(said((await readLocalLog(log, { since: NOON + 1_000 }, 100)).lines)).toEqual([
    ...numbers(10, 20),
    "bad",
    "end",
  ]);
});

test("lines longer than a reading, and what is no line, are no trouble", async () => {
  using folder = tempFolder();
  const long = "ž".repeat(400_000);
  const log = logWith(folder, ["before", long, "after"]);
  appendFileSync(log.path, 'rubbish\n\n{"half":');
  expect(said((await readLocalLog(log, {}, 10)).lines)).toEqual(["before", long, "after"]);
});

test("followed lines come once each, over many rotations", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "launcher.x");
  const store = new LogStore({ folder: path, limits: { maxBytes: 4_000, files: 5 }, tell: () => undefined });
  store.open();
  const told: string[] = [];
  const stop = new AbortController();
  const following = followLocalLogs({
    select: () => true,
    marks: new Map(),
    onLines: (lines) => void told.push(...said(lines)),
    signal: stop.signal,
    folder: folder.path,
  });
  for (let n = 0; n < 200; n++) {
    store.write(ID, record(`line ${n}`));
    await Bun.sleep(5);
  }
  await store.stop(1_000);
  await waitFor("the last line", () => told.includes("line 199"));
  stop.abort();
  await following;
  expect(told).toEqual(numbers(0, 200));
});

test("what was read as history is not told again, half a line is waited for, a removed file begins anew", async () => {
  using folder = tempFolder();
  const log = logWith(folder, ["old"]);
  const line = toFileLine(ID, record("whole"));
  const marks = new Map<string, LocalMark>();
  const { end } = await readLocalLog(log, {}, 10);
  if (end) marks.set(log.path, end);
  const told: string[] = [];
  const stop = new AbortController();
  const onLines = (lines: LogLine[]) => void told.push(...said(lines));
  const following = followLocalLogs({ select: () => true, marks, onLines, signal: stop.signal, folder: folder.path });
  appendFileSync(log.path, line.slice(0, 20));
  await Bun.sleep(500);
  appendFileSync(log.path, line.slice(20));
  await waitFor("the line", () => told.length === 1);
  renameSync(log.path, `${log.path}.1`);
  await Bun.sleep(500);
  writeFileSync(log.path, toFileLine(ID, record("rotated")));
  await waitFor("the line of the new file", () => told.length === 2);
  rmSync(join(folder.path, "launcher.x"), { recursive: true });
  await Bun.sleep(500);
  logWith(folder, ["anew"]);
  await waitFor("the line of the file made anew", () => told.length === 3);
  stop.abort();
  await following;
  expect(told).toEqual(["whole", "rotated", "anew"]);
});

test("when a file is removed, older ones beside it are not told again", async () => {
  using folder = tempFolder();
  const log = logWith(folder, ["oldest"], ["older"], ["old"]);
  for (const [path, age] of [
    [`${log.path}.2`, 120],
    [`${log.path}.1`, 60],
  ] as const) {
    utimesSync(path, Date.now() / 1_000 - age, Date.now() / 1_000 - age);
  }
  const { end } = await readLocalLog(log, {}, 10);
  const told: string[] = [];
  const stop = new AbortController();
  const following = followLocalLogs({
    select: () => true,
    marks: new Map(end ? [[log.path, end]] : []),
    onLines: (lines) => void told.push(...said(lines)),
    signal: stop.signal,
    folder: folder.path,
  });
  // Made before the other is gone, so that it is another file to the system, too.
  writeFileSync(`${log.path}.new`, toFileLine(ID, record("anew")));
  rmSync(log.path);
  renameSync(`${log.path}.new`, log.path);
  await waitFor("the line of the file made anew", () => told.includes("anew"));
  stop.abort();
  await following;
  expect(told).toEqual(["anew"]);
});
