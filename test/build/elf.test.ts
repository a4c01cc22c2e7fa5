import { expect, test } from "bun:test";
import { type ElfFacts, readElf } from "../../src/build/elf.ts";
import type { Arch } from "../../src/build/targets.ts";
import { tempFolder } from "../support/temp.ts";

const MACHINES: Record<Arch, number> = { x64: 62, arm64: 183 };

/** A minimal ELF-64 file: a header and the program headers given by type. */
function elf(machine: number, programHeaders: number[]): Buffer {
  const bytes = Buffer.alloc(64 + programHeaders.length * 56);
  bytes.write("\x7fELF\x02\x01", "latin1");
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(programHeaders.length, 56);
  for (const [i, type] of programHeaders.entries()) bytes.writeUInt32LE(type, 64 + i * 56);
  return bytes;
}

const files: [string, Buffer, ElfFacts | undefined][] = [
  ["x64, static", elf(MACHINES.x64, [1, 1]), { arch: "x64", static: true }],
  ["arm64, with an interpreter", elf(MACHINES.arm64, [1, 3]), { arch: "arm64", static: false }],
  ["another processor", elf(243, [1]), { arch: "other", static: true }],
  ["a script", Buffer.from("#!/bin/sh\n".repeat(10)), undefined],
  ["a truncated file", elf(MACHINES.x64, [1, 1]).subarray(0, 100), undefined],
  ["an empty file", Buffer.alloc(0), undefined],
];
test.each(files)("%s is recognised", async (_, bytes, facts) => {
  using folder = tempFolder();
  expect(readElf(await folder.write("file", bytes))).toEqual(facts);
});

test("the running Bun is a program of this processor", () => {
  expect(readElf(process.execPath)).toMatchObject({ arch: process.arch });
});
