import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateFolderError } from "../../src/common/errors.ts";
import { AlreadyRunningError, lockLauncher } from "../../src/launcher/lock.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { firstLine } from "../support/text.ts";

let folder: TempFolder;
let file: string;
const saved = process.env.TCS_STATE_DIR;

beforeEach(async () => {
  folder = tempFolder();
  process.env.TCS_STATE_DIR = join(folder.path, "state");
  file = await folder.write("services.yaml", "");
});
afterEach(() => {
  if (saved === undefined) delete process.env.TCS_STATE_DIR;
  else process.env.TCS_STATE_DIR = saved;
  folder[Symbol.dispose]();
});

const locks = () => readdirSync(join(folder.path, "state/launchers"));
const lock = (more: { file?: string; part?: string; services?: string[] } = {}) =>
  lockLauncher({ file, services: ["a.main"], ...more });

test("a lock is taken once, given back, and taken again", () => {
  const { release } = lock();
  expect(() => lock()).toThrow(AlreadyRunningError);
  expect(() => lock()).toThrow(`${file} is already run by a launcher on this host (pid ${process.pid})`);
  release();
  release();
  expect(locks()).toEqual([]);
  lock().release();
});

test("by another name the file is the same fleet", () => {
  const link = join(folder.path, "link.yaml");
  symlinkSync(file, link);
  const { release } = lock();
  expect(() => lock({ file: link })).toThrow(AlreadyRunningError);
  release();
});

test("another file is another fleet", async () => {
  const { release } = lock();
  lock({ file: await folder.write("other.yaml", "") }).release();
  release();
});

test("parts of a file run beside each other if they have no service in common", () => {
  const night = lock({ part: "night", services: ["a.main", "b.main"] });
  const day = lock({ part: "day", services: ["c.main"] });
  expect(() => lock({ services: ["b.main", "c.main"] })).toThrow(/^[bc]\.main of .*services\.yaml is already run/);
  night.release();
  day.release();
  expect(locks()).toEqual([]);
});

test("a lock says what is run from now on, unless another launcher of the file runs one of them", () => {
  const night = lock({ part: "night", services: ["a.main"] });
  const day = lock({ part: "day", services: ["b.main"] });
  expect(() => night.update(["a.main", "b.main"])).toThrow(/^b\.main of .*services\.yaml is already run/);
  // Nothing has changed by that: a second launcher may have what was refused here.
  day.update(["c.main"]);
  night.update(["a.main", "b.main"]);
  expect(() => lock({ part: "dusk", services: ["b.main"] })).toThrow(AlreadyRunningError);
  night.release();
  lock({ part: "dusk", services: ["a.main", "b.main"] }).release();
  night.update(["d.main"]);
  expect(locks().length).toBe(1);
  day.release();
  expect(locks()).toEqual([]);
});

test("a lock of a process that has ended, or whose pid is another's now, and a damaged lock, are taken over", () => {
  lock().release();
  const { release } = lock();
  const [name = ""] = locks();
  const path = join(folder.path, "state/launchers", name);
  for (const stale of [
    JSON.stringify({ pid: 2 ** 22 + 1, startTime: 1, services: ["a.main"] }),
    JSON.stringify({ pid: process.pid, startTime: 1, services: ["a.main"] }),
    '{"pid": 1',
    "",
    "null",
    '{"pid": "1", "startTime": 2}',
  ]) {
    writeFileSync(path, stale);
    lock().release();
    expect(existsSync(path)).toBe(false);
  }
  release();
});

test("of many launchers that start at once, over a stale lock, exactly one gets it", async () => {
  lock();
  const [name = ""] = locks();
  writeFileSync(join(folder.path, "state/launchers", name), "stale");
  const fixture = join(import.meta.dir, "fixtures/lock.ts");
  const children = Array.from({ length: 8 }, () =>
    Bun.spawn([process.execPath, fixture, file, "", "a.main"], { env: { ...process.env }, stderr: "inherit" }),
  );
  try {
    const said = await Promise.all(children.map(({ stdout }) => firstLine(stdout)));
    expect(said.filter((text) => text === "taken").length).toBe(1);
    expect(said.filter((text) => text.includes("already run by a launcher")).length).toBe(7);
    expect(locks()).toEqual([name]);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map(({ exited }) => exited));
  }
});

test("a state folder that cannot be used is told", async () => {
  await folder.write("state", "a file");
  expect(() => lock()).toThrow(StateFolderError);
});
