// What an ELF executable's headers say: for which processor it is, and whether it needs a loader (is not static).
// Layout: System V ABI, "ELF-64 Object File Format", little endian.
import { readFileSync } from "node:fs";
import type { Arch } from "./targets.ts";

export interface ElfFacts {
  arch: Arch | "other";
  /** True when no program interpreter is asked for: runs with glibc, musl or neither. */
  static: boolean;
}

const EM_X86_64 = 62;
const EM_AARCH64 = 183;
const PT_INTERP = 3;

/** Facts of an ELF-64 executable; undefined for any other file. */
export function readElf(path: string): ElfFacts | undefined {
  const bytes = readFileSync(path);
  if (bytes.length < 64 || bytes.toString("latin1", 0, 4) !== "\x7fELF" || bytes[4] !== 2 || bytes[5] !== 1) {
    return undefined;
  }
  const machine = bytes.readUInt16LE(18);
  const tableOffset = Number(bytes.readBigUInt64LE(32));
  const entrySize = bytes.readUInt16LE(54);
  const entries = bytes.readUInt16LE(56);
  if (tableOffset + entries * entrySize > bytes.length) return undefined;
  let isStatic = true;
  for (let i = 0; i < entries; i++) {
    if (bytes.readUInt32LE(tableOffset + i * entrySize) === PT_INTERP) isStatic = false;
  }
  return { arch: machine === EM_X86_64 ? "x64" : machine === EM_AARCH64 ? "arm64" : "other", static: isStatic };
}
