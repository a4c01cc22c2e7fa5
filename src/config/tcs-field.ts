// The `tcs` field of a package.json: which services a package has, and in which files.
import { basename, extname, isAbsolute, join, relative } from "node:path";
import { isJsonObject } from "../common/json.ts";
import { dottedFault } from "../common/names.ts";

export interface ListedServices {
  /** Service type to the absolute path of its file. */
  services: ReadonlyMap<string, string>;
  /** What is wrong with the field, one phrase each; what could be understood is in `services`. */
  faults: readonly string[];
}

const EXPECTED = 'expected {"services": {"dome": "./src/dome.ts"}}, or a list of files';

/** @param field the value of `tcs` @param folder of the package: its files are named from there */
export function readTcsField(field: unknown, folder: string): ListedServices {
  const services = new Map<string, string>();
  const faults: string[] = [];
  const listed = isJsonObject(field) ? field.services : field;
  // Other parts of the field may have other uses.
  if (listed === undefined && isJsonObject(field)) return { services, faults };
  const entries = entriesOf(listed);
  if (!entries) return { services, faults: [`tcs is neither a mapping of services nor a list: ${EXPECTED}`] };
  for (const [type, file] of entries) {
    const fault = faultOf(type, file, folder);
    if (fault !== undefined) faults.push(fault);
    else if (services.has(type)) faults.push(`tcs lists ${type} twice`);
    else services.set(type, join(folder, String(file)));
  }
  return { services, faults };
}

function entriesOf(listed: unknown): [type: string, file: unknown][] | undefined {
  if (isJsonObject(listed)) return Object.entries(listed);
  if (!Array.isArray(listed)) return undefined;
  return listed.map((file: unknown) => [typeof file === "string" ? basename(file, extname(file)) : "", file]);
}

function faultOf(type: string, file: unknown, folder: string): string | undefined {
  if (typeof file !== "string") return `tcs lists ${JSON.stringify(file)} for a file: ${EXPECTED}`;
  const wrong = dottedFault(type);
  if (wrong !== undefined) return `tcs lists the type "${type}": ${wrong}`;
  const inside = relative(folder, join(folder, file));
  const isOutside = isAbsolute(file) || inside.startsWith("..");
  return isOutside ? `tcs lists ${file} for ${type}, which is not in the package` : undefined;
}
