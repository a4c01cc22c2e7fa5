import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { extractBroker } from "../../src/broker/extract.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { embeddedAsset } from "./fixtures/asset.ts";

const FIXTURE = join(import.meta.dir, "fixtures/extract.ts");
const IS_ROOT = process.getuid?.() === 0;
const asset = embeddedAsset();
let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder("tcs-extract-");
});
afterEach(() => folder[Symbol.dispose]());

/** Runs the fixture (see there), by way of a wrapper command. */
async function extractElsewhere(wrapper: string[], path: string): Promise<Record<string, string>> {
  const child = Bun.spawn([...wrapper, process.execPath, FIXTURE, path], { stdin: "ignore", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** Mounts a tmpfs on `path` for one command only. */
function withTmpfs(path: string, options: string): string[] {
  const script = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$@"`;
  return ["unshare", ...(IS_ROOT ? [] : ["--map-root-user"]), "--mount", "sh", "-c", script, path];
}

test("the broker is extracted on first use, executable, under a name with its checksum", () => {
  const path = extractBroker(asset, folder.path);
  expect(path).toBe(join(folder.path, `nats-server-${asset.sha256.slice(0, 12)}`));
  expect(statSync(path).mode & 0o777).toBe(0o755);
  expect(Bun.spawnSync([path, "--version"]).stdout.toString()).toStartWith("nats-server: v");
  expect(readdirSync(folder.path).toSorted()).toEqual([basename(path), `${basename(path)}.checked`]);
});

test("a file that is there is used as it is", () => {
  const path = extractBroker(asset, folder.path);
  const before = statSync(path);
  expect(extractBroker(asset, folder.path)).toBe(path);
  expect(statSync(path).ino).toBe(before.ino);
});

test("a truncated file is replaced by a good one", () => {
  const path = extractBroker(asset, folder.path);
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  extractBroker(asset, folder.path);
  expect(readFileSync(path).equals(readFileSync(asset.path))).toBe(true);
});

test("a file of the right size with other bytes in it is replaced by a good one", () => {
  const path = extractBroker(asset, folder.path);
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = 255 - (bytes[middle] ?? 0);
  const { mtime, atime } = statSync(path);
  writeFileSync(path, bytes);
  // Made to look as if nothing had happened.
  utimesSync(path, atime, mtime);
  expect(extractBroker(asset, folder.path)).toBe(path);
  expect(readFileSync(path).equals(readFileSync(asset.path))).toBe(true);
});

test("a good file that was put there by somebody else is used, and need not be read twice", () => {
  const path = extractBroker(asset, folder.path);
  const stamp = `${path}.checked`;
  rmSync(stamp);
  const { ino } = statSync(path);
  extractBroker(asset, folder.path);
  expect(statSync(path).ino).toBe(ino);
  expect(existsSync(stamp)).toBe(true);
  const msOf = (work: () => unknown) => {
    const from = performance.now();
    work();
    return performance.now() - from;
  };
  const read = msOf(() => new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest());
  const looks = Array.from({ length: 50 }, () => msOf(() => extractBroker(asset, folder.path)));
  // The least of them: the machine may be busy.
  expect(Math.min(...looks)).toBeLessThan(read / 4);
});

test("an asset that does not match its checksum is refused and leaves nothing behind", () => {
  const wrong = { ...asset, sha256: "0".repeat(64) };
  expect(() => extractBroker(wrong, folder.path)).toThrow("what was written reads back differently");
  expect(readdirSync(folder.path)).toEqual([]);
});

test("processes that extract at the same time both get a good file", async () => {
  const results = await Promise.all([1, 2, 3].map(() => extractElsewhere([], folder.path)));
  const path = join(folder.path, `nats-server-${asset.sha256.slice(0, 12)}`);
  expect(results).toEqual([{ path }, { path }, { path }]);
  expect(readFileSync(path).equals(readFileSync(asset.path))).toBe(true);
  expect(readdirSync(folder.path)).toHaveLength(2);
});

test("a folder that may not be written is told, with a way out", async () => {
  const readOnly = join(folder.path, "read-only");
  mkdirSync(readOnly, { mode: 0o555 });
  chmodSync(folder.path, 0o755);
  const asNobody = IS_ROOT ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : [];
  const result = await extractElsewhere(asNobody, readOnly);
  expect(result.error).toStartWith(`StateFolderError: cannot extract the broker to ${readOnly}/nats-server-`);
  expect(result.error).toContain("EACCES");
  expect(result.hint).toContain("TCS_STATE_DIR");
  expect(result.hint).toContain("TCS_NATS_SERVER");
});

test("a full disk is told", async () => {
  const result = await extractElsewhere(withTmpfs(folder.path, "size=1m"), folder.path);
  expect(result.error).toContain("ENOSPC");
  expect(result.hint).toContain("TCS_STATE_DIR");
});

test("a folder mounted noexec is told", async () => {
  const result = await extractElsewhere(withTmpfs(folder.path, "noexec"), folder.path);
  expect(result.error).toContain("mounted noexec");
  expect(result.hint).toContain("TCS_STATE_DIR");
  expect(existsSync(join(folder.path, "nats-server"))).toBe(false);
});
