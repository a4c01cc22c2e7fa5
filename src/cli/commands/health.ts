// tcs health: the health checks of a service, run now; or whether what runs on this host is alive.
import { ExitCode, UsageError } from "../../common/errors.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { parseLimit } from "../numbers.ts";

export default defineCommand({
  meta: { name: "health", description: "Run the health checks of a service, or of a launcher, and show what they say" },
  examples: [
    ["tcs health hello_world.main", "run its checks now"],
    ["tcs health --local", "does what runs on this host answer at all"],
  ],
  args: {
    id: {
      type: "positional",
      required: false,
      description: "Id of the service, or its type if there is one of it; not with --local",
    },
    local: { type: "boolean", description: "Only whether launchers of this host answer; asks no broker" },
    ready: { type: "boolean", description: "With --local: and whether their services are well" },
    limit: {
      type: "string",
      description: "With --local: how long an answer may take, seconds (3)",
      valueHint: "SECONDS",
    },
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const { id, local = false, ready = false, json = false } = args;
    if (local) {
      if (id !== undefined) throw new UsageError("tcs health: --local asks whatever runs here: no id with it");
      const { localHealth } = await import("../local-health.ts");
      return await localHealth({ ready, json, limitMs: parseLimit(args.limit, "--limit") });
    }
    if (ready || args.limit !== undefined) {
      throw new UsageError(`tcs health: ${ready ? "--ready" : "--limit"} goes with --local`);
    }
    if (id === undefined) {
      throw new UsageError("tcs health: ID is missing", {
        hint: 'usage: tcs health ID, or tcs health --local (see "tcs health --help")',
      });
    }
    const { serviceHealth } = await import("../service-health.ts");
    return (await serviceHealth({ ...args, id })) ? ExitCode.ok : ExitCode.unhealthy;
  },
});
