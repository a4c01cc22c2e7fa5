// tcs stats: metrics and counters of a service, as of now.
import { defineCommand } from "citty";
import { ExitCode } from "../../common/errors.ts";
import { askService } from "../ask-service.ts";
import { brokerArgs, configArg, verboseArg } from "../common-args.ts";
import { renderStats } from "../display/health.ts";
import { jsonText } from "../display/status-json.ts";
import { withFleet } from "../fleet-access.ts";
import { renderOptions, write } from "../output.ts";

export default defineCommand({
  meta: { name: "stats", description: "Show metrics, restarts and counters of a service, or of a launcher" },
  args: {
    id: { type: "positional", required: true, description: "Id of the service" },
    json: { type: "boolean", description: "As JSON, for programs" },
    ...configArg,
    ...brokerArgs,
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    const answer = await withFleet(args, "tcs stats", (access) => askService(access, args.id, "stats"));
    write(args.json ? [jsonText(answer)] : renderStats(answer, renderOptions()));
    return ExitCode.ok;
  },
});
