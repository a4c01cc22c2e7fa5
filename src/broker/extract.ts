// Puts the embedded nats-server on disk, where the system can execute it.
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describeError, StateFolderError } from "../common/errors.ts";
import type { BrokerAsset } from "./asset.ts";

const WAY_OUT =
  "set TCS_STATE_DIR to a folder you can write to and run programs from, or TCS_NATS_SERVER to a nats-server";

/**
 * The path of the executable in `folder` (which exists), written on first use.
 * Processes may extract at the same time: each writes its own file, the last rename wins, both are the same.
 * @throws StateFolderError when the folder is read-only, full, or mounted noexec
 */
export function extractBroker(asset: BrokerAsset & { kind: "embedded" }, folder: string): string {
  const path = join(folder, `nats-server-${asset.sha256.slice(0, 12)}`);
  // The name holds the checksum and files appear by rename, so the size tells a good file from a damaged one.
  if (statSync(path, { throwIfNoEntry: false })?.size !== asset.size) write(asset, path);
  try {
    // Also says no, even to root, where the file system is mounted noexec.
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new StateFolderError(`the broker ${path} may not be executed (is the folder mounted noexec?)`, {
      cause,
      hint: WAY_OUT,
    });
  }
  return path;
}

function write(asset: BrokerAsset & { kind: "embedded" }, path: string): void {
  const scratch = `${path}.${process.pid}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    const file = openSync(scratch, "wx", 0o755);
    try {
      writeFileSync(file, readFileSync(asset.path));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(scratch, 0o755);
    const written = new Bun.CryptoHasher("sha256").update(readFileSync(scratch)).digest("hex");
    if (written !== asset.sha256) throw new Error("what was written reads back differently");
    renameSync(scratch, path);
  } catch (cause) {
    rmSync(scratch, { force: true });
    throw new StateFolderError(`cannot extract the broker to ${path}: ${describeError(cause)}`, {
      cause,
      hint: WAY_OUT,
    });
  }
}
