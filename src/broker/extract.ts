// Puts the embedded nats-server on disk, where the system can execute it.
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, StateFolderError } from "../common/errors.ts";
import { extractFile } from "../common/extract-file.ts";
import type { BrokerAsset } from "./asset.ts";

const WAY_OUT =
  "set TCS_STATE_DIR to a folder you can write to and run programs from, or TCS_NATS_SERVER to a nats-server";

/** Where the executable is in `folder`, once it is extracted. */
export function brokerPath({ sha256 }: { sha256: string }, folder: string): string {
  return join(folder, `nats-server-${sha256.slice(0, 12)}`);
}

/**
 * The path of the executable in `folder` (which exists), written on first use.
 * @throws StateFolderError when the folder is read-only, full, or mounted noexec
 */
export function extractBroker(asset: BrokerAsset & { kind: "embedded" }, folder: string): string {
  const path = brokerPath(asset, folder);
  try {
    extractFile(path, asset, 0o755, () => readFileSync(asset.path));
  } catch (cause) {
    throw new StateFolderError(`cannot extract the broker to ${path}: ${describeError(cause)}`, {
      cause,
      hint: WAY_OUT,
    });
  }
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
