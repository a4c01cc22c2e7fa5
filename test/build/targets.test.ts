import { expect, test } from "bun:test";
import { needsStaticBroker, parseTarget, TARGETS, targetArch } from "../../src/build/targets.ts";

test.each([
  ["linux-x64", "x64", false],
  ["linux-x64-baseline", "x64", false],
  ["linux-x64-musl", "x64", true],
  ["linux-arm64", "arm64", false],
  ["linux-arm64-musl", "arm64", true],
] as const)("%s is for processor %s; static broker needed: %p", (name, arch, isStatic) => {
  const target = parseTarget(name);
  expect(targetArch(target)).toBe(arch);
  expect(needsStaticBroker(target)).toBe(isStatic);
});

test("an unknown target is refused with the known ones", () => {
  expect(() => parseTarget("windows-x64")).toThrow(
    `unknown target "windows-x64": expected one of ${TARGETS.join(", ")}`,
  );
});
