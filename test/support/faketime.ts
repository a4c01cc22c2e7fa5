// A wall clock that a test sets, for the programs it starts: Debian's libfaketime. Their monotonic clock is the real one.
import { globSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Absent where the package is not installed: tests that need it are skipped there. */
const LIBRARY = globSync("/usr/lib/*/faketime/libfaketime.so.1")[0];
export const canFakeTime = LIBRARY !== undefined;

export interface FakeClock {
  /** For the environment of programs. */
  env: Record<string, string>;
  /** Sets the clock of all of them: so much ahead of the real one, seconds. */
  set(aheadSeconds: number): void;
}

/** @param folder for the file that says what time it is; on a disk that does not fill up */
export function fakeClock(folder: string): FakeClock {
  const file = join(folder, "clock");
  const set = (aheadSeconds: number) => {
    // Read at every look at the clock: never half written.
    writeFileSync(`${file}.new`, `${aheadSeconds >= 0 ? "+" : ""}${aheadSeconds}`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    set,
    env: {
      LD_PRELOAD: LIBRARY ?? "",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
  };
}
