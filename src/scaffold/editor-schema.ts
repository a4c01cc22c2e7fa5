// `.tcs/services.schema.json`: by which an editor completes and checks the configuration beside it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Written, writeAll } from "../common/transaction.ts";

/** Where it is, relative to the configuration file. */
export const SCHEMA_PATH = ".tcs/services.schema.json";
/** The first line of a configuration that an editor is to know. */
export const SCHEMA_LINE = `# yaml-language-server: $schema=${SCHEMA_PATH}`;

/**
 * Writes the schema for the configurations in `folder`, if it is not there as it is.
 * @returns undefined when there is nothing to write, or `.tcs` is somebody else's
 * @throws WriteError
 */
export function writeEditorSchema(folder: string, text: string): Written | undefined {
  const own = join(folder, ".tcs");
  const path = join(folder, SCHEMA_PATH);
  const isOurs = ["digest", "services.schema.json"].some((name) => existsSync(join(own, name)));
  if (existsSync(own) && !isOurs) return undefined;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return undefined;
  const ignore = join(own, ".gitignore");
  const isNew = !existsSync(ignore);
  // Written again at will, so not for version control.
  const gitignore = isNew ? [{ kind: "file", path: ignore, content: "*\n", replaces: "nothing" } as const] : [];
  return writeAll([...gitignore, { kind: "file", path, content: text, replaces: "anything" }]).at(-1);
}
