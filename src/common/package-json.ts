// package.json files as they are met on the way up from a folder.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isJsonObject, type JsonObject } from "./json.ts";

/** The folder, the one it is in, and so on to the root. */
export function foldersUp(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}

/** The package.json in `folder`; undefined when there is none that can be read: whoever installs or imports it is told. */
export function readPackageJson(folder: string): JsonObject | undefined {
  try {
    const about: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return isJsonObject(about) ? about : undefined;
  } catch {
    return undefined;
  }
}
