// One log file, rotated by size. Written at positions of our own counting, so that a write can be repeated at the end.
import { appendFileSync, constants, mkdirSync, writeSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** How often it is checked that the file is still where it was, milliseconds. */
const CHECK_MS = 1_000;
const LINE_FEED = 10;
const NOTHING = Buffer.alloc(0);

export interface RotationLimits {
  /** Bytes of one file, before it is rotated. A longer line has a file of its own. */
  maxBytes: number;
  /** Files of one service, the current one included; at least 1. */
  files: number;
}

export interface Appended {
  /** Bytes that are safe in the file. */
  written: number;
  /** Why not all of them. */
  error?: unknown;
}

export class LogFile {
  readonly path: string;
  readonly #limits: RotationLimits;
  #handle: FileHandle | undefined;
  #inode = 0;
  #offset = 0;
  #checkedAt = 0;
  /** What `append` was given and is not yet in the file: it belongs at the offset. */
  #pending: Buffer = NOTHING;
  /** `performance.now()` of the last write. */
  usedAt = 0;

  constructor(path: string, limits: RotationLimits) {
    this.path = path;
    this.#limits = limits;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  /** Appends whole lines. Never rejects; what fails leaves no half line behind. */
  async append(lines: Buffer): Promise<Appended> {
    this.usedAt = performance.now();
    this.#pending = lines;
    try {
      while (this.#pending.length > 0) {
        const handle = await this.#open();
        const length = this.#fitting();
        if (length === undefined) await this.#rotate();
        else await this.#write(handle, length);
      }
      return { written: lines.length };
    } catch (error) {
      const written = Math.max(0, lines.length - this.#pending.length);
      this.#pending = NOTHING;
      await this.close();
      return { written, error };
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    // Everything is written by now: what closing may still complain of was told by the write.
    await handle?.close().catch(() => undefined);
  }

  /** The last words of a process that ends now. What is being appended is written here; a write under way, in the same place. */
  endSync(lines: Buffer): void {
    const all = Buffer.concat([this.#pending, lines]);
    if (all.length === 0) return;
    this.#pending = NOTHING;
    if (this.#handle) {
      this.#offset += writeSync(this.#handle.fd, all, 0, all.length, this.#offset);
    } else {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      appendFileSync(this.path, all, { mode: 0o600 });
    }
  }

  /** Bytes of whole pending lines that still fit the current file; undefined when it is full. */
  #fitting(): number | undefined {
    const lines = this.#pending;
    const room = this.#limits.maxBytes - this.#offset;
    if (lines.length <= room) return lines.length;
    const end = room > 0 ? lines.lastIndexOf(LINE_FEED, room - 1) + 1 : 0;
    if (end > 0) return end;
    return this.#offset === 0 ? lines.indexOf(LINE_FEED) + 1 : undefined;
  }

  /** Writes the first `length` bytes of what is pending. */
  async #write(handle: FileHandle, length: number): Promise<void> {
    const part = this.#pending.subarray(0, length);
    const start = this.#offset;
    try {
      for (let done = 0; done < length; ) {
        const { bytesWritten } = await handle.write(part, done, length - done, start + done);
        if (bytesWritten === 0) throw new Error("the disk takes no more");
        done += bytesWritten;
      }
    } catch (error) {
      // Best effort: half a line is passed over by readers.
      await handle.truncate(this.#offset).catch(() => undefined);
      throw error;
    }
    // The end of the process came first, and has written it.
    if (this.#offset !== start) return;
    this.#offset += length;
    this.#pending = this.#pending.subarray(length);
  }

  async #open(): Promise<FileHandle> {
    const now = performance.now();
    if (this.#handle && now - this.#checkedAt < CHECK_MS) return this.#handle;
    this.#checkedAt = now;
    const found = await stat(this.path).catch(() => undefined);
    if (this.#handle && found?.ino === this.#inode) {
      // Somebody may have emptied it, to make room.
      this.#offset = found.size;
      return this.#handle;
    }
    await this.close();
    if (!found) await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const handle = await open(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const { ino, size } = await handle.stat();
    this.#handle = handle;
    this.#inode = ino;
    this.#offset = size;
    await this.#endHalfLine(handle);
    return handle;
  }

  /** A crash of the machine may have left half a line. */
  async #endHalfLine(handle: FileHandle): Promise<void> {
    if (this.#offset === 0) return;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, this.#offset - 1);
    if (buffer[0] === LINE_FEED) return;
    this.#pending = Buffer.concat([Buffer.of(LINE_FEED), this.#pending]);
    await this.#write(handle, 1);
  }

  /** Files of a time when more were kept. */
  async #removeSurplus(): Promise<void> {
    for (let number = this.#limits.files; ; number++) {
      const isGone = await unlink(`${this.path}.${number}`).then(
        () => true,
        // Not there, as nearly always; or not ours to remove, which is no reason not to write.
        () => false,
      );
      if (!isGone) return;
    }
  }

  /** `x.jsonl` becomes `x.jsonl.1`, that `x.jsonl.2`, and so on; the last goes. */
  async #rotate(): Promise<void> {
    const { files } = this.#limits;
    await this.#removeSurplus();
    if (files <= 1) {
      await this.#handle?.truncate(0);
      this.#offset = 0;
      return;
    }
    await this.close();
    for (let number = files - 1; number >= 1; number--) {
      const from = number === 1 ? this.path : `${this.path}.${number - 1}`;
      await rename(from, `${this.path}.${number}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      });
    }
  }
}
