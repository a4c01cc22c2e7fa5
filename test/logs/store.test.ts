// Logs on disk, and what a disk may do to them.
import { describe, expect, test } from "bun:test";
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { LogStore } from "../../src/logs/store.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { canMount, record, smallDisk } from "./support.ts";

function open(folder: string, limits?: { maxBytes: number; files: number }) {
  const told: string[] = [];
  const store = new LogStore({
    folder,
    tell: (level, message) => told.push(`${level} ${message}`),
    ...(limits ? { limits } : {}),
  });
  store.open();
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return { store, told, read, messages: (name: string) => messagesIn(read(name)) };
}

function messagesIn(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).message);
}

test("each id has a file of its own, of lines with time, level, source and message", async () => {
  using folder = tempFolder();
  const { store, read } = open(join(folder.path, "new", "folder"));
  store.write("dome.main", record("one"));
  store.write("a/b.main", record("two", { source: "a/b.main", level: "error" }));
  await store.stop(1_000);
  expect(read("dome.main.jsonl")).toBe(
    '{"time":"2026-11-20T12:00:00.000Z","level":"info","source":"dome.main","message":"one"}\n',
  );
  expect(read("a%2Fb.main.jsonl")).toContain('"level":"error"');
  expect(statSync(join(folder.path, "new", "folder", "dome.main.jsonl")).mode & 0o777).toBe(0o600);
});

test("lines are written within half a second, without a stop", async () => {
  using folder = tempFolder();
  const { store, messages } = open(folder.path);
  store.write("dome.main", record("one"));
  await waitFor("the line", () => messages("dome.main.jsonl").length === 1);
  await store.stop(1_000);
});

test("nothing is written before it is opened, and everything then", async () => {
  using folder = tempFolder();
  const store = new LogStore({ folder: folder.path, tell: () => undefined });
  store.write("dome.main", record("early"));
  await store.stop(1_000);
  store.endSync();
  expect(readdirSync(folder.path)).toEqual([]);
  store.open();
  await store.stop(1_000);
  expect(readdirSync(folder.path)).toEqual(["dome.main.jsonl"]);
});

test.each([1, 2])("of %d files, those of a time when more were kept go with the next rotation", async (files) => {
  using folder = tempFolder();
  const names = ["", ".1", ".2", ".3"].map((end) => `dome.main.jsonl${end}`);
  for (const name of names) writeFileSync(join(folder.path, name), "{}\n");
  const { store } = open(folder.path, { maxBytes: 10_000, files });
  for (let n = 0; n < 200; n++) store.write("dome.main", record(`line ${n}`));
  await store.stop(5_000);
  expect(readdirSync(folder.path).sort()).toEqual(names.slice(0, files));
});

test("a file is rotated by size, the oldest goes, and no line is cut", async () => {
  using folder = tempFolder();
  const { store, read } = open(folder.path, { maxBytes: 10_000, files: 3 });
  for (let n = 0; n < 1_000; n++) store.write("dome.main", record(`line ${n}`));
  await store.stop(5_000);
  const names = readdirSync(folder.path).sort();
  expect(names).toEqual(["dome.main.jsonl", "dome.main.jsonl.1", "dome.main.jsonl.2"]);
  for (const name of names) expect(statSync(join(folder.path, name)).size).toBeLessThanOrEqual(10_000);
  const kept = names.toReversed().flatMap((name) => messagesIn(read(name)));
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => `line ${1_000 - kept.length + n}`));
  expect(kept.length).toBeGreaterThan(200);
});

test("a line longer than a file has a file of its own", async () => {
  using folder = tempFolder();
  const { store, messages } = open(folder.path, { maxBytes: 1_000, files: 5 });
  for (const message of ["before", "x".repeat(5_000), "after"]) store.write("dome.main", record(message));
  await store.stop(5_000);
  expect(messages("dome.main.jsonl.2")).toEqual(["before"]);
  expect(messages("dome.main.jsonl.1")).toEqual(["x".repeat(5_000)]);
  expect(messages("dome.main.jsonl")).toEqual(["after"]);
});

test("more than waits for the disk is dropped, and counted", async () => {
  using folder = tempFolder();
  const { store, messages } = open(folder.path, { maxBytes: 2 ** 30, files: 1 });
  for (let n = 0; n < 40_000; n++) store.write("dome.main", record("x".repeat(900)));
  await store.stop(20_000);
  const kept = messages("dome.main.jsonl");
  const counts = kept.flatMap(
    (message) => /^(\d+) lines dropped: the disk is slower than the log$/.exec(message)?.[1] ?? [],
  );
  const lines = kept.length - counts.length;
  expect(lines).toBeGreaterThan(10_000);
  expect(lines).toBeLessThan(20_000);
  expect(lines + counts.reduce((sum, n) => sum + Number(n), 0)).toBe(40_000);
});

test("a folder that is removed is made again", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "logs");
  const { store, messages, told } = open(path);
  store.write("dome.main", record("one"));
  await waitFor("the first line", () => messages("dome.main.jsonl").length === 1);
  rmSync(path, { recursive: true });
  let n = 0;
  await waitFor("a line in a new file", () => {
    store.write("dome.main", record(`again ${n++}`));
    return messages("dome.main.jsonl").some((message) => message.startsWith("again"));
  });
  await store.stop(1_000);
  expect(told).toEqual([]);
});

test("a file that somebody has emptied goes on from its beginning", async () => {
  using folder = tempFolder();
  const { store, read, messages } = open(folder.path);
  const path = join(folder.path, "dome.main.jsonl");
  for (let n = 0; n < 100; n++) store.write("dome.main", record(`line ${n}`));
  await waitFor("the lines", () => messages("dome.main.jsonl").length === 100);
  truncateSync(path, 0);
  await Bun.sleep(1_100);
  store.write("dome.main", record("after"));
  await store.stop(1_000);
  expect(read("dome.main.jsonl")).not.toContain("\0");
  expect(messages("dome.main.jsonl")).toEqual(["after"]);
});

test("half a line that a crash has left spoils no other", async () => {
  using folder = tempFolder();
  writeFileSync(join(folder.path, "dome.main.jsonl"), '{"time":"2026');
  const { store, read } = open(folder.path);
  store.write("dome.main", record("whole"));
  await store.stop(1_000);
  const [half, whole] = read("dome.main.jsonl").split("\n");
  expect(half).toBe('{"time":"2026');
  expect(JSON.parse(whole ?? "").message).toBe("whole");
});

test("what waits at the end of the process is written then, once", async () => {
  using folder = tempFolder();
  const { store, messages } = open(folder.path);
  for (let n = 0; n < 10; n++) store.write("dome.main", record(`${n}`));
  // In the middle of a write.
  const stopping = store.stop(1_000);
  store.endSync();
  await stopping;
  store.write("dome.main", record("last"));
  store.endSync();
  store.endSync();
  expect(messages("dome.main.jsonl")).toEqual([...Array.from({ length: 10 }, (_, n) => `${n}`), "last"]);
});

test("what is taken up for writing when the process ends is in the file before it is gone", async () => {
  using folder = tempFolder();
  const { store, messages } = open(folder.path);
  for (let n = 0; n < 10; n++) store.write("dome.main", record(`${n}`));
  const stopping = store.stop(1_000);
  store.endSync();
  // Not a turn later: there is none in a process that ends.
  const written = messages("dome.main.jsonl");
  await stopping;
  expect(written).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
});

test("200 services do not hold 200 files open", async () => {
  using folder = tempFolder();
  const { store } = open(folder.path);
  for (let n = 0; n < 200; n++) store.write(`s${n}.main`, record("x"));
  await waitFor("200 files", () => readdirSync(folder.path).length === 200);
  const openFiles = () => readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(folder.path)).length;
  await waitFor("files to be closed", () => openFiles() <= 100);
  await waitFor("idle files to be closed", () => openFiles() === 0);
  await store.stop(1_000);
}, 30_000);

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // Closed meanwhile.
    return "";
  }
}

describe.skipIf(!canMount)("on a disk that is full", () => {
  test("one warning, no half line, and everything again when there is room", async () => {
    using disk = smallDisk("1m");
    const { store, told, read, messages } = open(disk.path);
    for (let n = 0; n < 3_000; n++) store.write("dome.main", record("x".repeat(900)));
    store.write("cam.main", record("other"));
    await waitFor("the warning", () => told.length > 0);
    for (let n = 0; n < 100; n++) store.write("dome.main", record(`lost ${n}`));
    expect(told[0]).toMatch(/^warning logs cannot be written to .*: .*ENOSPC/);
    await disk.write("ballast", "");
    rmSync(join(disk.path, "dome.main.jsonl"));
    await waitFor("the recovery", () => told.length > 1);
    expect(told[1]).toMatch(/^info logs are written to .* again$/);
    store.write("dome.main", record("back"));
    await store.stop(5_000);
    expect(told.length).toBe(2);
    const kept = messages("dome.main.jsonl");
    expect(kept.at(-1)).toBe("back");
    const [, count] = /^(\d+) lines dropped: .*ENOSPC/.exec(kept[0] ?? "") ?? [];
    expect(Number(count)).toBeGreaterThan(100);
    expect(read("dome.main.jsonl")).not.toContain("\0");
  });
});
