// Puts a release together in one folder: executables, what is in them, the npm package, checksums.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { licenseTexts } from "../../cli/display/licenses.ts";
import { inOrder, type ThirdParty } from "../../cli/licenses/third-party.ts";
import { TcsError } from "../../common/errors.ts";
import { sha256 } from "../../common/extract-file.ts";
import { buildExecutable, ROOT } from "../executable.ts";
import type { Identity } from "../identity.ts";
import { UNKNOWN } from "../licenses/go-modules.ts";
import { run } from "../run.ts";
import type { Target } from "../targets.ts";
import { readLock } from "./package-lock.ts";
import { sbomOf } from "./sbom.ts";

export interface ReleaseOptions {
  identity: Identity;
  targets: readonly Target[];
  /** Replaced by the release, as a whole. */
  folder: string;
  say: (line: string) => void;
}

/** @throws TcsError, Error: then the folder is as it was */
export async function assembleRelease({ identity, targets, folder, say }: ReleaseOptions): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}-`);
  try {
    const name = `tcs-${identity.version}`;
    const inside = new Map<string, ThirdParty>();
    const without: Target[] = [];
    for (const target of targets) {
      const outfile = join(scratch, `${name}-${target}`);
      const { broker, thirdParties } = await buildExecutable({ target, identity, outfile, say });
      assertLicensed(thirdParties);
      if (!broker) without.push(target);
      for (const one of thirdParties) inside.set(`${one.part} ${one.name} ${one.version}`, one);
      const about = {
        file: `${name}-${target}`,
        sha256: sha256(readFileSync(outfile)),
        target,
        identity,
        thirdParties,
      };
      const sbom = sbomOf({ ...about, locked: readLock(ROOT) });
      writeFileSync(`${outfile}.cdx.json`, `${JSON.stringify(sbom, undefined, 2)}\n`);
    }
    const texts = [readFileSync(join(ROOT, "LICENSE"), "utf8"), ...licenseTexts(inOrder([...inside.values()]))];
    writeFileSync(join(scratch, `${name}-licenses.txt`), `${texts.join("\n")}\n`);
    await packLibrary(identity, scratch);
    writeFileSync(join(scratch, "SHA256SUMS"), checksums(scratch));
    // Made for us alone.
    chmodSync(scratch, 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(scratch, folder);
    if (without.length > 0)
      say(`without a broker inside, as no nats-server was found that fits: ${without.join(", ")}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @throws TcsError when nobody can say under which terms something may be passed on */
export function assertLicensed(thirdParties: readonly ThirdParty[]): void {
  const unknown = thirdParties.filter(({ license }) => license === UNKNOWN).map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new TcsError(`the licenses of these Go modules in nats-server are unknown: ${unknown.join(", ")}`, {
    hint: "look them up, and add them to TERMS in src/build/licenses/go-modules.ts",
  });
}

/** The npm package, under the name of this version: npm knows only the one in package.json. */
async function packLibrary({ version }: Identity, folder: string): Promise<void> {
  const packed = await run(["npm", "pack", "--silent", "--pack-destination", folder], { cwd: ROOT });
  const file = packed.trim().split("\n").at(-1) ?? "";
  renameSync(join(folder, file), join(folder, `ocabox-tcs-${version}.tgz`));
}

/** As `sha256sum` prints them, and `sha256sum -c` reads them. */
function checksums(folder: string): string {
  const files = readdirSync(folder).toSorted();
  return files.map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`).join("");
}
