// Unpacks the licenses that are inside this program.
import { readFileSync } from "node:fs";
import { NotFoundError } from "../../common/errors.ts";
import { licensesAsset } from "./asset.ts";
import { type ThirdParty, unpackThirdParties } from "./third-party.ts";

/** All that is inside this program. @throws NotFoundError from source, where nothing is inside */
export function thirdParties(): ThirdParty[] {
  if (licensesAsset.kind === "none") {
    throw new NotFoundError("this tcs is run from source, and has nothing of others inside", {
      hint: "npm has put each package's license beside it, in node_modules; the executable shows all (npm run build)",
    });
  }
  return unpackThirdParties(readFileSync(licensesAsset.path));
}
