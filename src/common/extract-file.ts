// Puts a file that is inside this program on disk: whole, or not at all.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

export interface EmbeddedFile {
  /** Hexadecimal. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/**
 * Makes `path`, in a folder that exists, the file; nothing is written if it is there. The path must name the contents
 * (hold their checksum): with that, and as files appear by rename, the size tells a good file from a damaged one.
 * Processes may extract at the same time: each writes its own file, the last rename wins, both are the same.
 * @param read its contents; called only if they must be written
 * @throws Error of the file system; nothing is left behind
 */
export function extractFile(path: string, file: EmbeddedFile, mode: number, read: () => string | Uint8Array): void {
  if (statSync(path, { throwIfNoEntry: false })?.size === file.size) return;
  const scratch = `${path}.${process.pid}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    const handle = openSync(scratch, "wx", mode);
    try {
      writeFileSync(handle, read());
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    chmodSync(scratch, mode);
    if (sha256(readFileSync(scratch)) !== file.sha256) throw new Error("what was written reads back differently");
    renameSync(scratch, path);
  } catch (error) {
    rmSync(scratch, { force: true });
    throw error;
  }
}

/** Hexadecimal. */
export function sha256(bytes: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
