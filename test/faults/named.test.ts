// Every fault seen in the Python framework has a test here that names it; what each was stands in the test's own words.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FAULTS = 17;

test("each of the seventeen faults is named by a test", () => {
  const texts = readdirSync(import.meta.dir).map((name) => readFileSync(join(import.meta.dir, name), "utf8"));
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/["'`]fault (\d+): /g)].map(([, n]) => Number(n))));
  expect([...named].sort((a, b) => a - b)).toEqual(Array.from({ length: FAULTS }, (_, n) => n + 1));
});
