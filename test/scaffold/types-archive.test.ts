import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { writeScaffoldAssets } from "../../src/scaffold/assets.ts";
import { openTypesArchive } from "../../src/scaffold/types-archive.ts";
import { cpuMsSince } from "../support/cpu.ts";

test("the archive is small, and unpacked quickly", async () => {
  expect(statSync(await writeScaffoldAssets()).size).toBeLessThan(1_500_000);
  const archive = await openTypesArchive();
  const started = process.cpuUsage();
  const files = archive.unpack();
  expect(cpuMsSince(started)).toBeLessThan(300);
  expect(Object.keys(files).length).toBeGreaterThan(100);
});

test("it has the public API and the packages a service may import, with their licences", async () => {
  const files = (await openTypesArchive()).unpack();
  const packages = [...new Set(Object.keys(files).map((path) => path.split("/")[0]))].sort();
  expect(packages).toEqual(["bun-types", "nats", "node", "ocabox-tcs", "undici-types", "zod"]);
  expect(files["ocabox-tcs/index.d.ts"]).toContain("BaseBlockingPermanentService");
  expect(Object.keys(files)).toContain("zod/LICENSE");
});

test("it is made once, and again only when something it is made from has changed", async () => {
  const path = await writeScaffoldAssets();
  const made = statSync(path).mtimeMs;
  expect(statSync(await writeScaffoldAssets()).mtimeMs).toBe(made);
});
