// Many texts as one embedded file: small, and unpacked in a few milliseconds.

/** One zstd frame holding a JSON object of texts by path. */
export function packTexts(files: ReadonlyMap<string, string>): Uint8Array {
  return Bun.zstdCompressSync(JSON.stringify(Object.fromEntries(files)), { level: 9 });
}

/** Texts by path, of an archive that is part of this program. */
export function unpackTexts(archive: Uint8Array): Record<string, string> {
  // Made by packTexts.
  return JSON.parse(Bun.zstdDecompressSync(archive).toString()) as Record<string, string>;
}
