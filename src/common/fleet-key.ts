// How a fleet is called in the names of files of the state folder.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";

/** The same for one configuration file, by whatever path it is called. @throws Error when there is no such file */
export function fleetKey(file: string): string {
  return shortHash(realpathSync(file));
}

export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
