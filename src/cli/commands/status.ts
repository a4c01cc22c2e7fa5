// tcs status: the fleet at a glance.
import type { FleetSnapshot } from "../../client/fleet-snapshot.ts";
import { ExitCode, NotFoundError, UsageError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { renderLegend } from "../display/legend.ts";
import { collectionOf, renderCollection, renderEmpty } from "../display/notes.ts";
import { renderOverall } from "../display/overall.ts";
import { renderStatusDetailed } from "../display/status-detailed.ts";
import { jsonText, statusJson } from "../display/status-json.ts";
import { renderStatusTable } from "../display/status-table.ts";
import { chooseView } from "../display/view.ts";
import { findBroker, readFleet, withFleet } from "../fleet-access.ts";
import { renderOptions, tell, write } from "../output.ts";

export default defineCommand({
  meta: { name: "status", description: "Show the fleet at a glance" },
  examples: [
    ["tcs status", "the fleet"],
    ["tcs status hello --detailed", "all that is known of some services"],
    ["tcs status --check", "for scripts: code 6 if something is unhealthy"],
  ],
  args: {
    word: { type: "positional", required: false, description: "Only services whose id contains this word" },
    all: { type: "boolean", alias: "a", description: "Also what is stopped, removed or old" },
    detailed: { type: "boolean", alias: "d", description: "Everything known of each service" },
    ...jsonArg,
    watch: { type: "boolean", alias: "w", description: "Go on showing it as it changes, until Ctrl-C" },
    check: { type: "boolean", description: "Exit code 6 if a launcher or declared service is not healthy" },
    legend: { type: "boolean", description: "What the symbols mean" },
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    if (args.legend) {
      write(renderLegend(renderOptions()));
      return ExitCode.ok;
    }
    if (args.watch) {
      if (args.check) throw new UsageError("tcs status: --watch and --check exclude each other");
      const { word, all, detailed, json } = args;
      // Loaded while the configuration is read: it is the largest part of the start.
      void natsClient();
      const [settings, { watchStatus }] = await Promise.all([findBroker(args), import("../watch/watch.ts")]);
      const fullIds = detailed === true || args.verbose === true;
      const view = { word, all: all === true, detailed: detailed === true, json: json === true, fullIds };
      process.exit(await watchStatus(settings, view));
    }
    const { settings, fleet } = await withFleet(args, "tcs status", async (access) => ({
      settings: access.settings,
      fleet: await readFleet(access),
    }));
    const { services, streams } = fleet;
    const broker = { servers: settings.servers, origin: settings.origin, subjectPrefix: settings.subjectPrefix };
    const options = { ...renderOptions(), fullIds: args.detailed === true || args.verbose === true };
    const view = chooseView(services, { all: args.all, filter: args.word });
    const collection = collectionOf(fleet);
    const hasNoMatch = args.word !== undefined && view.shown.length === 0;
    if (hasNoMatch && !args.json) throw noMatch(args.word, fleet);
    if (args.json) write([jsonText(statusJson(view, broker, collection, options.now))]);
    else if (services.length === 0) {
      write(
        renderEmpty(
          broker,
          streams.some((stream) => !stream.fault),
          options,
        ),
      );
    } else {
      const body = args.detailed ? renderStatusDetailed(view, options) : renderStatusTable(view, options);
      const overall = renderOverall(view, settings.servers.join(", "), options);
      write(body.length > 0 ? [...overall, "", ...body] : overall);
    }
    if (args.verbose && !args.json) write(["", ...renderCollection(collection)]);
    if (services.length > 0) warnOfFaults(fleet);
    if (hasNoMatch) return ExitCode.notFound;
    const isWhole = streams.every((stream) => !stream.fault);
    return args.check && !(view.summary.healthy && isWhole) ? ExitCode.unhealthy : ExitCode.ok;
  },
});

function noMatch(word: string, { services }: FleetSnapshot): NotFoundError {
  const near = nearest(
    word,
    services.map(({ serviceId }) => serviceId),
  );
  return new NotFoundError(`no service id contains "${word}"`, {
    hint: near ? `did you mean "${near}"?` : "tcs status --all lists all that are known",
  });
}

function warnOfFaults({ streams }: FleetSnapshot): void {
  for (const { kind, fault } of streams) {
    if (fault) tell(`${kind} not read: ${fault.message}`);
  }
}
