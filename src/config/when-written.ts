// A file that is being written in pieces is left alone until it is whole: half of a fleet may be valid, too.
import { stat } from "node:fs/promises";

/** Between two pieces of one writing, at most, milliseconds. */
const QUIET_MS = 100;
/** A file that is written to all the time is read all the same after this, milliseconds. */
const LATEST_MS = 1000;

/** Resolves when the file has not been written to for a moment, or is not there. Never rejects. */
export async function whenWritten(path: string): Promise<void> {
  for (const giveUpAt = performance.now() + LATEST_MS; performance.now() < giveUpAt; ) {
    const ageMs = await ageOf(path);
    // Far in the future: by a clock that is not ours. (A file's time is finer than the clock's.)
    if (ageMs === undefined || Math.abs(ageMs) >= QUIET_MS) return;
    await Bun.sleep(QUIET_MS - Math.max(0, ageMs));
  }
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    // Whoever reads it tells why it cannot be read.
    return undefined;
  }
}
