// tcs service: one service by hand, in this process.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { defineCommand } from "citty";
import { stderrSink } from "../../common/log-line.ts";
import { reportFailure } from "../../common/report-failure.ts";
import { loadEnv, loadServiceRow } from "../../config/index.ts";
import { hostModules } from "../../entry/modules.ts";
import { ServiceLoader } from "../../host/loader.ts";
import { runStandalone } from "../../host/standalone.ts";
import { brokerArgs, verboseArg } from "../common-args.ts";
import { parsePort } from "../numbers.ts";
import { repeatedOption } from "../strict-args.ts";

export default defineCommand({
  meta: {
    name: "service",
    description: "Run one service by hand: a file, or the type of a service in this binary",
  },
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
    const port = parsePort(args.port);
    const configFile = args.config;
    const besides = configFile ?? (existsSync(args.service) ? args.service : undefined);
    const env = loadEnv(besides === undefined ? process.cwd() : dirname(resolve(besides)), process.env);
    const fleet = await loadServiceRow({
      service: args.service,
      env,
      builtinTypes: new Set(loader.builtinTypes),
      sets: repeatedOption(rawArgs, "set"),
      ...(configFile === undefined ? {} : { configFile }),
      ...(args.variant === undefined ? {} : { variant: args.variant }),
      flags: {
        ...(args.host === undefined ? {} : { host: args.host }),
        ...(port === undefined ? {} : { port }),
        ...(args.prefix === undefined ? {} : { prefix: args.prefix }),
      },
    });
    const [row] = fleet.services;
    if (!row) return 0;
    const code = await runStandalone({ row, fleet, loader, log: stderrSink(), env }).catch(reportFailure);
    // A service may have left timers or sockets behind: its end is the end of the process.
    process.exit(code);
  },
});
