// tcs stats: metrics and counters of a service, as of now.
import { askService } from "../../client/ask-service.ts";
import { ExitCode } from "../../common/errors.ts";
import { fleetArgs, jsonArg, serviceArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { renderStats } from "../display/health.ts";
import { jsonText } from "../display/status-json.ts";
import { withFleet } from "../fleet-access.ts";
import { renderOptions, write } from "../output.ts";

export default defineCommand({
  meta: { name: "stats", description: "Show metrics, restarts and counters of a service, or of a launcher" },
  examples: [["tcs stats hello_world.main"], ["tcs stats hello_world.main --json", "for programs"]],
  args: {
    ...serviceArg,
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const answer = await withFleet(args, "tcs stats", (access) => askService(access, args.id, "stats"));
    write(args.json ? [jsonText(answer)] : renderStats(answer, renderOptions()));
    return ExitCode.ok;
  },
});
