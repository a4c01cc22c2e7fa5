// The npm packages whose code, or whose types, are inside: by what the bundler read, not by what is installed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ThirdParty } from "../../cli/licenses/third-party.ts";
import { TcsError } from "../../common/errors.ts";
import { isJsonObject, type JsonObject } from "../../common/json.ts";
import { readPackageJson } from "../../common/package-json.ts";
import { isKnownLicense, textOf } from "./spdx.ts";

const LICENSE_FILE = /^(licen[cs]e|copying|notice|unlicense)([.-].*)?$/i;

/** Folders of the packages that these modules are in. @param modules paths, absolute or from the working directory */
export function packageFolders(modules: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of modules) {
    // The last node_modules: a package may bring another version of what others use too.
    const [folder] = /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
    if (folder !== undefined) folders.add(resolve(folder));
  }
  return folders;
}

/** @throws TcsError when nobody can tell under which license a package is */
export function describePackage(folder: string, part: ThirdParty["part"]): ThirdParty {
  const about = readPackageJson(folder) ?? {};
  const { name, version } = about;
  if (typeof name !== "string" || typeof version !== "string") throw new TcsError(`${folder} is no npm package`);
  const license = licenseOf(about);
  if (license === undefined || !isKnownLicense(license)) {
    throw new TcsError(`the license of ${name} ${version} is unknown: ${JSON.stringify(license ?? "none given")}`, {
      hint: "use another package, or ask its authors for an SPDX identifier in its package.json",
    });
  }
  return { name, version, license, part, text: ownText(folder) ?? standardText(license, about) };
}

function licenseOf(about: JsonObject): string | undefined {
  if (typeof about.license === "string") return about.license;
  // As npm had it before SPDX.
  const [first] = Array.isArray(about.licenses) ? about.licenses : [about.license];
  return isJsonObject(first) && typeof first.type === "string" ? first.type : undefined;
}

/** What the package says itself; undefined when it only names its license. */
function ownText(folder: string): string | undefined {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => LICENSE_FILE.test(name)) : [];
  const texts = files.toSorted().map((name) => readFileSync(join(folder, name), "utf8").trim());
  return texts.length === 0 ? undefined : texts.join("\n\n");
}

function standardText(license: string, about: JsonObject): string {
  const { author, name } = about;
  const person = isJsonObject(author) ? author.name : author;
  const [id = ""] = license.split(/[\s()]+/).filter((word) => word !== "");
  return textOf(id, `Copyright (c) ${typeof person === "string" ? person : `the authors of ${String(name)}`}`);
}
