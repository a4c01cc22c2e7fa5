// tcs run: a fleet, from its configuration to its orderly end.
import { resolve } from "node:path";
import { ExitCode, UsageError } from "../../common/errors.ts";
import { installedLink } from "../../common/installed.ts";
import { stderrSink } from "../../common/log-line.ts";
import { Logger, type LogSink } from "../../common/logger.ts";
import { signalExitCode } from "../../common/signal-codes.ts";
import { onFirstSignal } from "../../common/signals.ts";
import { MAX_TERMINATE_DELAY_SEC } from "../../config/fleet-file.ts";
import { adoptEnv, ConfigError, FleetSource } from "../../config/index.ts";
import { builtinTypes, hostModules } from "../../entry/modules.ts";
import { WORKER_ENTRY } from "../../entry/worker-url.ts";
import { FleetRun, judgeConfig, Renewal, readAndJudge, Succession, workerHome } from "../../launcher/index.ts";
import { openServiceManager, type ServiceManager } from "../../systemd/index.ts";
import { verdictLine } from "../check-words.ts";
import { brokerArgs, configArg, verboseArg } from "../common-args.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { defineCommand } from "../define-command.ts";
import { natsFlags } from "../nats-flags.ts";
import { parseSeconds } from "../numbers.ts";
import { repeatedOption } from "../strict-args.ts";

export default defineCommand({
  meta: { name: "run", description: "Run the services of a configuration file, until Ctrl-C" },
  examples: [
    ["tcs run", "services.yaml of this folder"],
    ["tcs run night.yaml --launcher process", "each service in a process of its own"],
    ["tcs run --check config/examples.yaml", "check everything, start nothing"],
  ],
  args: {
    file: { type: "positional", required: false, description: `Configuration file (${DEFAULT_CONFIG})` },
    config: { ...configArg.config, description: "The same, or a folder of such files (may be repeated: they add up)" },
    launcher: {
      type: "string",
      description: "Home of all services (worker, process, inline, systemd), or a name in launchers:",
      valueHint: "HOME|NAME",
    },
    set: {
      type: "string",
      description: "A value, as --set hello_world.main.interval=2 (may be repeated)",
      valueHint: "SERVICE.KEY=VALUE",
    },
    only: {
      type: "string",
      description: "Run only the service of this id (may be repeated)",
      valueHint: "SERVICE",
    },
    once: { type: "boolean", description: "End when every service has done its work; periodic ones run once, now" },
    dev: { type: "boolean", description: "Restart services when their files change, and follow the configuration" },
    takeover: { type: "boolean", description: "Take services over from the launchers that run them" },
    standby: { type: "boolean", description: "Run only what no other launcher runs, and take over when one ends" },
    quiet: { type: "boolean", description: "Write warnings and errors only (the log files have everything)" },
    check: { type: "boolean", description: "Check the configuration and every service's file, and end" },
    "terminate-delay": {
      type: "string",
      description: "How long a service may take to stop, seconds (10)",
      valueHint: "SECONDS",
    },
    ...brokerArgs,
    ...verboseArg,
  },
  async run({ args, rawArgs }) {
    using succession = Succession.ofThisProcess();
    const log = stderrSink(args.quiet ? { least: "warning" } : {});
    const files = chosenFiles(args.file, repeatedOption(rawArgs, "config", "c"));
    if (args.dev && args.once)
      throw new UsageError("tcs run: --dev goes on for ever, and --once does not: one of them");
    const terminateDelayMs = parseSeconds(args["terminate-delay"], "--terminate-delay", MAX_TERMINATE_DELAY_SEC);
    const makeSource = () =>
      new FleetSource({
        file: files[0],
        more: files.slice(1),
        env: process.env,
        builtinTypes,
        sets: repeatedOption(rawArgs, "set"),
        only: repeatedOption(rawArgs, "only"),
        terminateDelayMs,
        standby: args.standby,
        apart: args.dev,
        ...(args.launcher === undefined ? {} : { launcher: args.launcher }),
        flags: natsFlags(args),
      });
    // Nothing is started that would have to be stopped: a signal ends it.
    if (args.check) return await check(makeSource, files, log);
    let run: FleetRun | undefined;
    let reloadWanted = false;
    let manager: ServiceManager | undefined;
    const reload = async () => {
      reloadWanted = true;
      if (renewal?.signal("SIGHUP") || !run) return;
      manager?.reloading();
      await run.reload({ by: "SIGHUP" });
      manager?.reloaded();
    };
    let renewal: Renewal | undefined;
    // From the very start: a signal during start-up must find somebody at home.
    const signalled = onFirstSignal(
      (again) => renewal?.signal(again) || run?.kill(),
      () => void reload(),
    );
    void signalled.then((signal) => renewal?.signal(signal));
    // Before anything is started, or keeps the environment, that would take the manager for its own.
    manager = await openServiceManager(process.env, new Logger("tcs", log));
    const startWorker = workerHome(WORKER_ENTRY);
    const source = makeSource();
    const reading = await readAndJudge(source, startWorker);
    // For services in every home: their own variables, and those the configuration names.
    adoptEnv(reading.env, process.env);
    const once = args.once ?? false;
    const { takeover = false, dev = false } = args;
    const workerEntry = WORKER_ENTRY;
    const refusal = once || dev ? `a launcher with ${once ? "--once" : "--dev"} is not renewed` : undefined;
    const renews = refusal === undefined && installedLink(process.execPath) !== undefined;
    const common = { source, reading, modules: hostModules, workerEntry, log, once, takeover, dev, manager };
    const fleetRun = new FleetRun({ ...common, succession, renews });
    const { logger } = fleetRun;
    run = fleetRun;
    renewal = new Renewal({ run: fleetRun, succession, refusal });
    const started = run.start();
    // Wanted while the configuration was being read: it may be newer than what was read.
    if (reloadWanted) void reload();
    const ready = started.then(() => manager?.ready());
    const done = ready.then(() => (once ? fleetRun.idle.then(() => undefined) : signalled));
    const signal = await Promise.race([signalled, done, renewal.left]);
    if (signal === "left") process.exit(await renewal.over);
    logger.info(signal ? `${signal}: stopping (again: at once)` : "every service has done its work");
    const stoppingAt = performance.now();
    manager.stopping();
    await Promise.all([run.stop(), renewal.end()]);
    logger.info(`stopped, ${((performance.now() - stoppingAt) / 1000).toFixed(2)} s`);
    // Whatever a service left behind in this loop must not keep the launcher alive.
    if (signal) process.exit(signalExitCode(signal));
    const { failed } = fleetRun;
    if (failed.length > 0) logger.error(`not done: ${failed.join(", ")}`);
    process.exit(failed.length > 0 ? ExitCode.failure : ExitCode.ok);
  },
});

/** Tells whether all is well. @returns the exit code @throws ConfigError with everything that is wrong */
async function check(makeSource: () => FleetSource, files: readonly string[], log: LogSink): Promise<number> {
  const logger = new Logger("tcs", log);
  // A service's file that is loaded must not take the manager for its own.
  await openServiceManager(process.env, logger);
  const verdict = await judgeConfig(makeSource(), workerHome(WORKER_ENTRY));
  if (verdict.issues.length > 0) throw new ConfigError(verdict.issues);
  for (const { id, message } of verdict.warnings) logger.warning(`${id}: ${message}`);
  process.stdout.write(`${verdictLine(files.join(", "), verdict)}\n`);
  // Valid, and yet not to be run as it is: what deploys it must not go on.
  return verdict.warnings.length === 0 ? ExitCode.ok : ExitCode.failure;
}

/** @throws UsageError when the word and `--config` name different files */
function chosenFiles(file: string | undefined, configs: readonly string[]): [string, ...string[]] {
  const [config, ...more] = configs;
  if (file === undefined) return [config ?? DEFAULT_CONFIG, ...more];
  const other = configs.find((name) => resolve(file) !== resolve(name));
  if (other === undefined) return [config ?? file];
  throw new UsageError(`tcs run: given two configuration files, ${file} and --config ${other}`, {
    hint: `name one of them; to run both as one fleet: --config ${file} --config ${other}`,
  });
}
