// tcs version: which tcs this is, and with --fleet which one every launcher of the fleet runs.
import { brokerAsset } from "../../broker/asset.ts";
import { readFleetVersions } from "../../client/index.ts";
import { ExitCode } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { BUILT, COMMIT, VERSION } from "../../common/version.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { jsonText } from "../display/status-json.ts";
import { renderVersions, versionsJson } from "../display/versions.ts";
import { readFleet, withFleet } from "../fleet-access.ts";
import { renderOptions, write } from "../output.ts";

export default defineCommand({
  meta: {
    name: "version",
    description: "Tell which tcs this is; with --fleet, which one everything in the fleet runs",
  },
  examples: [
    ["tcs version", "of this file"],
    ["tcs version --fleet", "what everything in the fleet runs"],
  ],
  args: {
    fleet: { type: "boolean", description: "Ask every launcher, and every service that is run by hand" },
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    if (!args.fleet) {
      write([args.json ? jsonText(ownVersionJson()) : VERSION]);
      return ExitCode.ok;
    }
    const running = await withFleet(args, "tcs version", async (access) => {
      const { services } = await readFleet(access);
      return await readFleetVersions(access.connection, services, access.prefix);
    });
    if (args.json) write([jsonText(versionsJson(running, VERSION))]);
    else write(renderVersions(running, VERSION, renderOptions()));
    return ExitCode.ok;
  },
});

/** What is inside this program; fields may be added. */
function ownVersionJson(): JsonObject {
  return {
    version: VERSION,
    commit: COMMIT ?? null,
    date: COMMIT === undefined ? null : BUILT,
    bun: Bun.version,
    broker: brokerAsset.kind === "embedded" ? brokerAsset.version : null,
  };
}
