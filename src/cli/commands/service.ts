// tcs service: one service by hand, in this process.
import { existsSync } from "node:fs";
import { locateBroker } from "../../broker/index.ts";
import { ServiceControlClient, type ServiceInfo } from "../../client/index.ts";
import { stderrSink } from "../../common/log-line.ts";
import { reportFailure } from "../../common/report-failure.ts";
import { configFolder, loadEnv, loadServiceRow } from "../../config/index.ts";
import type { NatsSettings } from "../../config/types.ts";
import { hostModules } from "../../entry/modules.ts";
import { ServiceLoader } from "../../host/loader.ts";
import { runStandalone } from "../../host/standalone.ts";
import { AlreadyRunningError } from "../../launcher/index.ts";
import { connectOnce } from "../../messaging/connect-once.ts";
import { brokerArgs, verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { natsFlags } from "../nats-flags.ts";
import { repeatedOption } from "../strict-args.ts";

/** How long a broker that does not answer may hold up the start, milliseconds. */
const CONNECT_LIMIT_MS = 500;

export default defineCommand({
  meta: {
    name: "service",
    description: "Run one service by hand: a file, or the type of a service in this binary",
  },
  examples: [
    ["tcs service telescope_monitor.ts", "with its defaults"],
    ["tcs service telescope_monitor.ts services.yaml", "with its row"],
    ["tcs service hello_world --set interval=1", "a service of the binary"],
  ],
  args: {
    service: { type: "positional", required: true, description: "File of the service, or a type as hello_world" },
    config: { type: "positional", required: false, description: "Configuration file with its row" },
    variant: { type: "positional", required: false, description: "Which of its rows (main)" },
    set: { type: "string", description: "A value, as --set interval=2 (may be repeated)", valueHint: "KEY=VALUE" },
    ...brokerArgs,
    ...verboseArg,
  },
  async run({ args, rawArgs }) {
    const loader = new ServiceLoader(hostModules);
    const configFile = args.config;
    const besides = configFile ?? (existsSync(args.service) ? args.service : undefined);
    const env = loadEnv(besides === undefined ? process.cwd() : configFolder(besides), process.env);
    const fleet = await loadServiceRow({
      service: args.service,
      env,
      builtinTypes: new Set(loader.builtinTypes),
      sets: repeatedOption(rawArgs, "set"),
      ...(configFile === undefined ? {} : { configFile }),
      ...(args.variant === undefined ? {} : { variant: args.variant }),
      flags: natsFlags(args),
    });
    const [row] = fleet.services;
    if (!row) return 0;
    await refuseIfRun(row.id, locateBroker({ settings: fleet.nats, subjectPrefix: fleet.subjectPrefix, env }));
    const code = await runStandalone({ row, fleet, loader, log: stderrSink(), env }).catch(reportFailure);
    // A service may have left timers or sockets behind: its end is the end of the process.
    process.exit(code);
  },
});

/**
 * Two of one id would speak over each other, on the wire and to the telescope.
 * @throws AlreadyRunningError when a launcher is heard to run the service
 */
async function refuseIfRun(id: string, settings: NatsSettings): Promise<void> {
  let info: ServiceInfo | undefined;
  try {
    const connection = await connectOnce(settings, "tcs service", CONNECT_LIMIT_MS);
    try {
      const client = new ServiceControlClient(connection, { subjectPrefix: settings.subjectPrefix });
      info = await client.getService(id);
    } finally {
      await connection.close();
    }
  } catch {
    // Without a broker, or its streams, nothing can be known of others: running by hand must work all the same.
    return;
  }
  if (!info?.declared || !info.running || info.heartbeatState !== "alive") return;
  const { parent = "a launcher", host = "an unknown host", pid } = info;
  throw new AlreadyRunningError(`${id} is run already by ${parent} (${host}, pid ${pid ?? "unknown"})`, {
    hint: `stop it first with "tcs stop ${id}", or run another variant`,
  });
}
