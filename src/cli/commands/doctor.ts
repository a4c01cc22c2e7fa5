// tcs doctor: is everything well that a fleet depends on, and what to do if not?
import { dirname, resolve } from "node:path";
import { describeError, ExitCode } from "../../common/errors.ts";
import { ConfigError, loadEnv } from "../../config/index.ts";
import { type Diagnosis, diagnose } from "../../doctor/index.ts";
import { builtinTypes } from "../../entry/modules.ts";
import { WORKER_ENTRY } from "../../entry/worker-url.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { brokerArgs, configArg, jsonArg, verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { doctorJson, renderDoctor } from "../display/doctor.ts";
import { jsonText } from "../display/status-json.ts";
import { type BrokerFlags, findBroker } from "../fleet-access.ts";
import { renderOptions } from "../output.ts";

export default defineCommand({
  meta: {
    name: "doctor",
    description: "Check broker, streams, permissions, clocks, fleet and this host; say what to do",
  },
  examples: [
    ["tcs doctor", "broker, streams, this host"],
    ["tcs doctor --config config/examples.yaml", "the configuration too"],
  ],
  args: {
    ...jsonArg,
    strict: { type: "boolean", description: "Exit code 6 for warnings too" },
    config: { ...configArg.config, description: "Configuration file; it is checked too" },
    ...brokerArgs,
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    // Loaded while the configuration is read: it is the largest part of the start.
    void natsClient();
    const broker = await whereIsTheBroker(args);
    const { config: file } = args;
    // For the services' files, which are loaded in the check.
    if (file !== undefined) Object.assign(process.env, loadEnv(dirname(resolve(file)), process.env));
    const config = file === undefined ? undefined : { file, ...THIS_PROGRAM };
    const diagnosis = await diagnose({ broker, config });
    const settings = "fault" in broker ? undefined : broker;
    const isAway = settings !== undefined && !diagnosis.reachable;
    const code = isAway ? ExitCode.brokerUnreachable : exitCodeOf(diagnosis, args.strict === true);
    const options = renderOptions();
    const text = args.json
      ? jsonText(doctorJson(diagnosis, settings, options.now))
      : renderDoctor(diagnosis, settings, { ...options, verbose: args.verbose === true }).join("\n");
    await new Promise<void>((written) => process.stdout.write(`${text}\n`, () => written()));
    // What was given up may hang for ever.
    if (diagnosis.reports.some(({ late }) => late)) process.exit(code);
    return code;
  },
});

const THIS_PROGRAM = { builtinTypes, workerEntry: WORKER_ENTRY };

/** A configuration that cannot be read is a finding here, not the end. */
async function whereIsTheBroker(flags: BrokerFlags) {
  try {
    return await findBroker(flags);
  } catch (error) {
    // What is wrong on the command line is not to be diagnosed, but typed again.
    if (!(error instanceof ConfigError) || error.issues.every(({ file }) => file === "command line")) throw error;
    return { fault: describeError(error) };
  }
}

function exitCodeOf({ level }: Diagnosis, strict: boolean): number {
  return level === "error" || (strict && level === "warning") ? ExitCode.unhealthy : ExitCode.ok;
}
