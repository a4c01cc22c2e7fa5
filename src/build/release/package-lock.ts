// What npm's lock file knows of the packages that were installed from it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LockedPackage {
  integrity?: string;
  dependencies?: Record<string, string>;
}

export interface LockedPackages {
  /** Names that package.json asks for. */
  direct: readonly string[];
  /** Names of what a package asks for. */
  dependenciesOf(name: string): readonly string[];
  /** Of the package's archive, hexadecimal. */
  sha512Of(name: string): string | undefined;
}

/** @param root folder of package-lock.json */
export function readLock(root: string): LockedPackages {
  // Written by npm, version 3 of the format.
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const find = (name: string) => packages[`node_modules/${name}`];
  return {
    direct: Object.keys(packages[""]?.dependencies ?? {}),
    dependenciesOf: (name) => Object.keys(find(name)?.dependencies ?? {}),
    sha512Of: (name) => {
      const [, base64] = /^sha512-(.+)$/.exec(find(name)?.integrity ?? "") ?? [];
      return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("hex");
    },
  };
}
