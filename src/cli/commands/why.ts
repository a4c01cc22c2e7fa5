// tcs why: why a service is in the state it is in.
import { askWhy } from "../../client/index.ts";
import { ExitCode } from "../../common/errors.ts";
import { fleetArgs, jsonArg, serviceArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { jsonText, serviceJson } from "../display/status-json.ts";
import { renderWhy } from "../display/why.ts";
import { withFleet } from "../fleet-access.ts";
import { parseCount } from "../numbers.ts";
import { renderOptions, write } from "../output.ts";

const LINES = 10;
/** What a launcher has in memory. */
const MOST_LINES = 50;

export default defineCommand({
  meta: {
    name: "why",
    description: "Tell why a service is in its state: last end, history, target, configuration, log",
  },
  examples: [["tcs why hello_world.main"], ["tcs why hello_world --lines 30", "with more of its log"]],
  args: {
    ...serviceArg,
    lines: { type: "string", alias: "n", description: "How many lines of its log, the last (10)", valueHint: "N" },
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const lines = parseCount(args.lines, "--lines", MOST_LINES) ?? LINES;
    const { id, info, answers } = await withFleet(args, "tcs why", (access) => askWhy(access, args.id, lines));
    if (args.json) {
      const told = answers.map(({ launcher, answer, fault }) => ({ launcher, answer, error: fault }));
      write([jsonText({ version: 1, service_id: id, seen: info && serviceJson(info), launchers: told })]);
    } else write(renderWhy(id, info, answers, renderOptions()));
    return ExitCode.ok;
  },
});
