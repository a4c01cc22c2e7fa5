import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fetchBroker } from "../../src/build/fetch-broker.ts";
import { type Arch, hostTarget, targetArch } from "../../src/build/targets.ts";
import { natsServerPath } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const HERE = targetArch(hostTarget());
const ELSEWHERE: Arch = HERE === "x64" ? "arm64" : "x64";
let folder: TempFolder;
let said: string[];
beforeEach(() => {
  folder = tempFolder("tcs-fetch-");
  said = [];
});
afterEach(() => folder[Symbol.dispose]());

const fetch = (given?: string, arch = HERE) =>
  fetchBroker({
    arch,
    mustBeStatic: false,
    cache: folder.path,
    say: (line) => said.push(line),
    env: given === undefined ? {} : { TCS_NATS_SERVER: given },
  });

/** A cache with a complete entry for an architecture. */
async function fillCache(arch: Arch): Promise<void> {
  await folder.write(`linux-${arch}/nats-server`, "cached");
  await folder.write(`linux-${arch}/version`, "1.2.3\n");
}

test("the one TCS_NATS_SERVER names is taken, with its version, size and checksum", async () => {
  const bytes = readFileSync(natsServerPath());
  const broker = await fetch(natsServerPath());
  expect(broker).toEqual({
    path: join(folder.path, `linux-${HERE}`, "nats-server"),
    sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  expect(readFileSync(broker?.path ?? "").equals(bytes)).toBe(true);
  expect(said).toEqual([]);
  expect(readdirSync(folder.path)).toEqual([`linux-${HERE}`]);
});

test("it wins over the cache", async () => {
  await fillCache(HERE);
  expect((await fetch(natsServerPath()))?.version).not.toBe("1.2.3");
});

test("without it the cached one is used", async () => {
  await fillCache(HERE);
  expect(await fetch()).toMatchObject({ version: "1.2.3", size: "cached".length });
});

test.each([
  ["is for another processor", () => natsServerPath(), ELSEWHERE, `it is built for processor ${HERE}`],
  ["is no program", () => import.meta.path, HERE, "it is not a 64-bit Linux executable"],
  ["is not there", () => "/nowhere/nats-server", HERE, "ENOENT"],
])("when the one it names %s, that is said and the cached one used", async (_, path, arch, complaint) => {
  await fillCache(arch);
  expect(await fetch(path(), arch)).toMatchObject({ version: "1.2.3" });
  expect(said).toHaveLength(1);
  expect(said[0]).toStartWith(`no nats-server for linux-${arch} from TCS_NATS_SERVER: `);
  expect(said[0]).toContain(complaint);
});

test("one that needs a dynamic loader is refused for musl", async () => {
  await folder.write(`linux-${HERE}-static/nats-server`, "cached");
  await folder.write(`linux-${HERE}-static/version`, "1.2.3\n");
  const env = { TCS_NATS_SERVER: process.execPath };
  await fetchBroker({ arch: HERE, mustBeStatic: true, cache: folder.path, say: (line) => said.push(line), env });
  expect(said.join()).toContain("it is not statically linked");
  expect(existsSync(join(folder.path, `linux-${HERE}`))).toBe(false);
});
