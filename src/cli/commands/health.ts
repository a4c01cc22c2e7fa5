// tcs health: the health checks of a service, run now.
import { defineCommand } from "citty";
import { askService } from "../../client/ask-service.ts";
import { ExitCode } from "../../common/errors.ts";
import { isHealthy, isStatus } from "../../monitoring/status.ts";
import { fleetArgs, jsonArg, serviceArg } from "../common-args.ts";
import { renderHealth } from "../display/health.ts";
import { jsonText } from "../display/status-json.ts";
import { withFleet } from "../fleet-access.ts";
import { renderOptions, write } from "../output.ts";

export default defineCommand({
  meta: { name: "health", description: "Run the health checks of a service, or of a launcher, and show what they say" },
  args: {
    ...serviceArg,
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const answer = await withFleet(args, "tcs health", (access) => askService(access, args.id, "health"));
    write(args.json ? [jsonText(answer)] : renderHealth(answer, renderOptions()));
    return isStatus(answer.status) && isHealthy(answer.status) ? ExitCode.ok : ExitCode.unhealthy;
  },
});
