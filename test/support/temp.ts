// Temporary folders, one per test, removed afterwards.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempFolder extends Disposable {
  path: string;
  /** Write a file below the folder (folders made as needed); returns its absolute path. */
  write(name: string, text: string | Uint8Array): Promise<string>;
}

export function tempFolder(prefix = "tcs-test-"): TempFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  return {
    path,
    async write(name, text) {
      const file = join(path, name);
      await Bun.write(file, text);
      return file;
    },
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
