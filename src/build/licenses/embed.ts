// The build's stand-in for src/cli/licenses/asset.ts: the same export, with the texts embedded.
import { join } from "node:path";
import type { BunPlugin } from "bun";
import type { LicensesAsset } from "../../cli/licenses/asset.ts";
import { packThirdParties, type ThirdParty } from "../../cli/licenses/third-party.ts";
import { replaceWithFile } from "../replace-module.ts";

const ASSET_MODULE = join(import.meta.dir, "../../cli/licenses/asset.ts");

/** A bundler plugin that embeds the licenses of all that is inside. */
export function embedLicenses(all: readonly ThirdParty[]): BunPlugin {
  const kind: LicensesAsset["kind"] = "embedded";
  const contents = `export const licensesAsset = { kind: "${kind}", path };`;
  return replaceWithFile(ASSET_MODULE, contents, "licenses.zst", packThirdParties(all));
}
