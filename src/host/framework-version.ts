// Whether a service on disk is written for the framework that it gets, which is always the one in this program.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { foldersUp, readPackageJson } from "../common/package-json.ts";
import { VERSION } from "../common/version.ts";

const NAME = "ocabox-tcs";
/** Without the commit; between releases the one that comes, whose framework it has. */
const OWN_VERSION = VERSION.replace(/[-+].*/, "");
/** Where a package says what it needs: the first of these counts. */
const FIELDS = ["peerDependencies", "dependencies", "devDependencies"] as const;

export type FrameworkVerdict =
  | { fits: true }
  /** `works`: it was made for another version of the same line, within which nothing is taken away. */
  | { fits: false; works: boolean; why: string };

/**
 * Judged by what the package around the file asks for; where that is no range of versions (a folder, a tarball) by the
 * copy that is installed for it; where there is none, it fits.
 * @param path absolute, of the service's file
 */
export function judgeFramework(path: string, version: string = OWN_VERSION): FrameworkVerdict {
  const root = foldersUp(dirname(path)).find((folder) => existsSync(join(folder, "package.json")));
  const about = root === undefined ? undefined : readPackageJson(root);
  if (about?.name === NAME) return { fits: true };
  const copy = installedVersion(dirname(path));
  const range = about && askedFor(about);
  const wanted = range ?? (copy === undefined ? undefined : `^${copy}`);
  if (wanted === undefined || Bun.semver.satisfies(version, wanted)) return { fits: true };
  const made = (range === undefined ? copy : /\d[\w.-]*/.exec(range)?.[0]) ?? wanted;
  const works = line(made) === line(version);
  const source = range === undefined ? `the copy beside it is ${copy}` : `package.json in ${root}`;
  const remedy = works ? "" : `: update tcs, or the service and its ${NAME}`;
  return {
    fits: false,
    works,
    why: `it is written for ${NAME} ${wanted} (${source}), and this tcs has ${version}${remedy}`,
  };
}

/** Versions of one line go on from each other: 1.4 from 1.2, as npm's ^ has it; before 1.0 each minor is a line. */
function line(version: string): string {
  const [major = "", minor = ""] = version.split(".");
  return major === "0" ? `0.${minor}` : major;
}

/** A range of versions; undefined for a folder, a tarball, a tag, or anything goes. */
function askedFor(about: JsonObject): string | undefined {
  for (const field of FIELDS) {
    const packages = about[field];
    const range = isJsonObject(packages) ? packages[NAME] : undefined;
    if (typeof range === "string") return /^[\d\s.^~<>=|xX*-]*\d[\w\s.^~<>=|*-]*$/.test(range) ? range : undefined;
  }
  return undefined;
}

function installedVersion(folder: string): string | undefined {
  for (const at of foldersUp(folder)) {
    const version = readPackageJson(join(at, "node_modules", NAME))?.version;
    if (typeof version === "string") return version;
  }
  return undefined;
}
