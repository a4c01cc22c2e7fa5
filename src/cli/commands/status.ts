// tcs status: the fleet at a glance.
import { existsSync } from "node:fs";
import { defineCommand } from "citty";
import { locateBroker } from "../../broker/locate.ts";
import { type FleetSnapshot, ServiceControlClient } from "../../client/service-control-client.ts";
import { ExitCode, NotFoundError, TcsError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { loadEnv } from "../../config/dotenv.ts";
import { type NatsFlags, readNatsSection, resolveNats, resolveSubjectPrefix } from "../../config/nats.ts";
import type { NatsSettings } from "../../config/types.ts";
import { connectOnce } from "../../messaging/connect-once.ts";
import { brokerArgs, configArg, verboseArg } from "../common-args.ts";
import { wantsColor } from "../display/colors.ts";
import { renderLegend } from "../display/legend.ts";
import { collectionOf, renderCollection, renderEmpty } from "../display/notes.ts";
import { renderOverall } from "../display/overall.ts";
import { renderStatusDetailed } from "../display/status-detailed.ts";
import { jsonText, statusJson } from "../display/status-json.ts";
import { renderStatusTable } from "../display/status-table.ts";
import { chooseView, type RenderOptions } from "../display/view.ts";
import { terminalWidth, wantsUnicode } from "../display/width.ts";
import { parsePort } from "../numbers.ts";

const DEFAULT_CONFIG = "services.yaml";

export default defineCommand({
  meta: { name: "status", description: "Show the fleet at a glance" },
  args: {
    word: { type: "positional", required: false, description: "Only services whose id contains this word" },
    all: { type: "boolean", alias: "a", description: "Also what is stopped, removed or old" },
    detailed: { type: "boolean", alias: "d", description: "Everything known of each service" },
    json: { type: "boolean", description: "As JSON, for programs" },
    check: { type: "boolean", description: "Exit code 6 if a launcher or declared service is not healthy" },
    legend: { type: "boolean", description: "What the symbols mean" },
    ...configArg,
    ...brokerArgs,
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    if (args.legend) {
      write(renderLegend(renderOptions()));
      return ExitCode.ok;
    }
    // Loaded while the configuration is read: it is the largest part of the start.
    void import("nats");
    const settings = await findBroker(args);
    const fleet = await readFleet(settings);
    const { services, streams } = fleet;
    const broker = { servers: settings.servers, origin: settings.origin, subjectPrefix: settings.subjectPrefix };
    const options = renderOptions();
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

interface BrokerFlags {
  config?: string | undefined;
  host?: string | undefined;
  port?: string | undefined;
  prefix?: string | undefined;
}

/** Command line > configuration file > `.env` and environment > this host's own broker > 127.0.0.1:4222. */
async function findBroker({ config, host, port, prefix }: BrokerFlags): Promise<NatsSettings> {
  const env = loadEnv(process.cwd(), process.env);
  const file = config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const section = file === undefined ? undefined : await readNatsSection(file, env);
  const portNumber = parsePort(port);
  const flags: NatsFlags = {
    ...(host === undefined ? {} : { host }),
    ...(portNumber === undefined ? {} : { port: portNumber }),
    ...(prefix === undefined ? {} : { prefix }),
  };
  const sources = { flags, ...(section ? { file: section } : {}), env };
  const settings = resolveNats(sources);
  return locateBroker({ settings, subjectPrefix: resolveSubjectPrefix(sources), env });
}

async function readFleet(settings: NatsSettings): Promise<FleetSnapshot> {
  const connection = await connectOnce(settings, "tcs status");
  try {
    const client = new ServiceControlClient(connection, { subjectPrefix: settings.subjectPrefix });
    const fleet = await client.readFleet();
    const faults = fleet.streams.map(({ fault }) => fault);
    const fatal = faults.find((fault) => fault && fault.reason !== "no_stream");
    if (fatal && faults.every((fault) => fault !== undefined)) {
      throw new TcsError(`cannot read the fleet from ${settings.servers.join(", ")}: ${fatal.message}`, {
        hint:
          fatal.reason === "no_jetstream"
            ? "start the broker with JetStream (nats-server -js), or let tcs run start its own"
            : "the account needs the right to read the streams of the fleet",
      });
    }
    return fleet;
  } finally {
    // Nothing is under way that would be lost, and nobody should wait for it.
    void connection.close();
  }
}

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
    if (fault) process.stderr.write(`tcs: ${kind} not read: ${fault.message}\n`);
  }
}

function renderOptions(): RenderOptions {
  return {
    width: terminalWidth(process.env, process.stdout),
    color: wantsColor(process.env, process.stdout.isTTY === true),
    unicode: wantsUnicode(process.env),
    now: Date.now(),
  };
}

function write(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
