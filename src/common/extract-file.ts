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
 * Makes `path`, in a folder that exists, the file; nothing is written if it is there as it should be. The path must name
 * the contents (hold their checksum). Processes may extract at the same time: each writes its own file, the last rename
 * wins, both are the same.
 * @param read its contents; called only if they must be written
 * @throws Error of the file system; nothing is left behind
 */
export function extractFile(path: string, file: EmbeddedFile, mode: number, read: () => string | Uint8Array): void {
  if (isWhole(path, file)) return;
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
    stamp(path, stateOf(path)?.text);
  } catch (error) {
    rmSync(scratch, { force: true });
    throw error;
  }
}

/**
 * Whether the file is there with the right contents. To read them costs some 20 ms for 11 MB: it is done when the file has
 * changed in any way since it was last found to be right.
 */
function isWhole(path: string, file: EmbeddedFile): boolean {
  const state = stateOf(path);
  if (!state || state.size !== file.size) return false;
  if (readStamp(path) === state.text) return true;
  try {
    if (sha256(readFileSync(path)) !== file.sha256) return false;
  } catch {
    // Cannot be read (a bad disk): another is tried.
    return false;
  }
  stamp(path, state.text);
  return true;
}

/** What tells one state of a file from every other: whoever writes to it, or replaces it, changes its ctime. */
function stateOf(path: string): { size: number; text: string } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && { size: Number(stat.size), text: `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` };
}

function readStamp(path: string): string | undefined {
  try {
    return readFileSync(stampOf(path), "utf8");
  } catch {
    // Never checked, or not by us.
    return undefined;
  }
}

/** Notes that the file was right in this state. */
function stamp(path: string, state = ""): void {
  try {
    writeFileSync(stampOf(path), state, { mode: 0o600 });
  } catch {
    // A folder that may not be written: then it is read every time.
  }
}

function stampOf(path: string): string {
  return `${path}.checked`;
}

/** Hexadecimal. */
export function sha256(bytes: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
