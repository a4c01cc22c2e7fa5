// tcs list: every service of every launcher, as the launchers themselves tell it.
import { describeSilence, matches, reachLaunchers } from "../../client/index.ts";
import { ExitCode, NotFoundError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { chooseRows, listJson, renderList } from "../display/list.ts";
import { jsonText } from "../display/status-json.ts";
import { readFleet, withFleet } from "../fleet-access.ts";
import { renderOptions, tell, write } from "../output.ts";

export default defineCommand({
  meta: { name: "list", description: "List the services of every launcher, as the launchers tell it" },
  examples: [["tcs list", "as the launchers tell it now"], ["tcs list 'hello_world.*'"]],
  args: {
    pattern: { type: "positional", required: false, description: 'Only ids that match, as "camera.*"' },
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const { fleet, launchers } = await withFleet(args, "tcs list", async (access) => {
      const read = await readFleet(access);
      return { fleet: read, launchers: await reachLaunchers(access.connection, read.services, access.prefix) };
    });
    const rows = chooseRows(fleet.services, launchers);
    const { pattern } = args;
    const shown = pattern === undefined ? rows : rows.filter(({ serviceId }) => matches(pattern, serviceId));
    if (args.json) write([jsonText(listJson(shown, launchers))]);
    else if (shown.length > 0) write(renderList(shown, renderOptions()));
    for (const { reach, info } of launchers) {
      // One that was stopped in good order is not expected to answer.
      if (reach === "answers" || info?.removed || info?.health === "stopped") continue;
      tell(`${info?.serviceId ?? "a launcher"}: ${describeSilence(info)}; its services as last heard`);
    }
    if (pattern !== undefined && shown.length === 0) {
      const near = nearest(
        pattern,
        rows.map(({ serviceId }) => serviceId),
      );
      throw new NotFoundError(`no service matches "${pattern}"`, {
        hint: near ? `did you mean "${near}"?` : "tcs list shows all; tcs status --all also what has gone",
      });
    }
    if (rows.length === 0) tell("no launcher answers, and no service is known: start a fleet with tcs run");
    return ExitCode.ok;
  },
});
