#!/usr/bin/env bun
// Entry of the executable: finds the command, runs it, and turns every end into one line and an exit code.
import { watchReaders } from "../common/signals.ts";
import { VERSION } from "../common/version.ts";
import { type CommandTable, setCommands } from "./command-table.ts";

/** Every command is a module of its own, loaded only when it is called. */
const COMMANDS: CommandTable = {
  run: { about: "Run a fleet of services", load: () => import("./commands/run.ts") },
  status: { about: "Show the fleet at a glance", load: () => import("./commands/status.ts") },
  top: { about: "Show the fleet full-screen and live", load: () => import("./commands/top.ts") },
  list: { about: "List the services of every launcher", load: () => import("./commands/list.ts") },
  start: { about: "Start services", load: () => import("./commands/start.ts") },
  stop: { about: "Stop services, until they are started again", load: () => import("./commands/stop.ts") },
  restart: { about: "Stop services and start them again", load: () => import("./commands/restart.ts") },
  config: { about: "Look into the configuration", load: () => import("./commands/config.ts") },
  reload: {
    about: "Apply a changed configuration to a running fleet",
    load: () => import("./commands/reload.ts"),
  },
  why: { about: "Tell why a service is in its state", load: () => import("./commands/why.ts") },
  health: { about: "Run the health checks of a service", load: () => import("./commands/health.ts") },
  stats: { about: "Show the statistics of a service", load: () => import("./commands/stats.ts") },
  rpc: { about: "Call a command of a service", load: () => import("./commands/rpc.ts") },
  logs: { about: "Show what services have logged", load: () => import("./commands/logs.ts") },
  events: { about: "Show what happened to the fleet", load: () => import("./commands/events.ts") },
  progress: { about: "Show how far tasks are, live", load: () => import("./commands/progress.ts") },
  night: { about: "Tell an observing night, for the night log", load: () => import("./commands/night.ts") },
  dashboard: { about: "Show the fleet in a browser", load: () => import("./commands/dashboard.ts") },
  doctor: {
    about: "Check what a fleet depends on, and say what to do",
    load: () => import("./commands/doctor.ts"),
  },
  metrics: { about: "Serve the fleet for Prometheus", load: () => import("./commands/metrics.ts") },
  new: { about: "Write a new service, ready to run", load: () => import("./commands/new.ts") },
  services: {
    about: "List the services that can be run from here",
    load: () => import("./commands/services.ts"),
  },
  test: { about: "Run the tests of your services", load: () => import("./commands/test.ts") },
  completions: {
    about: "Let the shell complete: source <(tcs completions bash)",
    load: () => import("./commands/completions.ts"),
  },
  export: {
    about: "Write a fleet as containers: docker, compose, k8s",
    load: () => import("./commands/export.ts"),
  },
  systemd: { about: "Run a configuration under systemd", load: () => import("./commands/systemd.ts") },
  service: { about: "Run one service by hand", load: () => import("./commands/service.ts") },
  broker: { about: "Run the NATS broker alone", load: () => import("./commands/broker.ts") },
  install: {
    about: "Put tcs in place on this host; renew what runs",
    load: () => import("./commands/install.ts"),
  },
  version: {
    about: "Tell which tcs this is, and which the fleet runs",
    load: () => import("./commands/version.ts"),
  },
  licenses: {
    about: "Tell what others have written of this program",
    load: () => import("./commands/licenses.ts"),
  },
  man: { about: "Print the manual page", load: () => import("./commands/man.ts") },
};

async function main(argv: string[]): Promise<number> {
  const [name, ...rawArgs] = argv;
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  // For launchers only: this process is to be a host.
  if (name === "__host") {
    (await import("../entry/child.ts")).runChildHost();
    return await new Promise<never>(() => undefined);
  }
  // For units of systemd only: this process is to be one service.
  if (name === "__unit") return await (await import("../entry/unit.ts")).runUnit(rawArgs[0] ?? "");
  // Not in a host: touching process.stdout makes the pipe non-blocking, also for what a service writes to it directly.
  watchReaders();
  // For shells only: what could stand at the cursor.
  if (name === "__complete") return await (await import("./completion/complete.ts")).complete(rawArgs, COMMANDS);
  if (name === "help" && rawArgs[0] !== undefined) return await help(rawArgs[0], rawArgs.slice(1));
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    const { unknownWord } = await import("./unknown-word.ts");
    throw unknownWord(name, Object.keys(COMMANDS));
  }
  setCommands(COMMANDS);
  // What follows "--" is for someone else.
  const own = rawArgs.includes("--") ? rawArgs.slice(0, rawArgs.indexOf("--")) : rawArgs;
  const isHelp = own.includes("--help") || own.includes("-h");
  if (!isHelp && (name === "run" || name === "service")) {
    // At once, before anything is loaded: each costs one more start of the executable.
    const [{ leaveFirstPlace }, { beginMarked }, { selfCommand }] = await Promise.all([
      import("../common/first-process.ts"),
      import("../common/run-mark.ts"),
      import("../launcher/self-command.ts"),
    ]);
    const again = [...selfCommand(), ...argv] as const;
    leaveFirstPlace(again);
    if (name === "run") beginMarked(again);
  }
  // Loaded meanwhile, but for help: there nothing is run.
  const runner = isHelp ? undefined : Promise.all([import("citty"), import("./strict-args.ts")]);
  const [{ default: called }, { meantCommand }] = await Promise.all([entry.load(), import("./command-group.ts")]);
  const { command, path, rawArgs: words } = await meantCommand(called, name, rawArgs);
  const isGroup = command.subCommands !== undefined;
  if (isGroup || runner === undefined) {
    const { printHelp } = await import("./help.ts");
    await printHelp(path, command);
    return isGroup && !isHelp ? 2 : 0;
  }
  const [{ runCommand }, { checkArgs }] = await runner;
  checkArgs(words, command.args ?? {}, path);
  const { result } = await runCommand(command, { rawArgs: words });
  return typeof result === "number" ? result : 0;
}

/** @param topic the word after `tcs help` */
async function help(topic: string, below: string[]): Promise<number> {
  if (Object.hasOwn(COMMANDS, topic) || topic === "help" || topic.startsWith("-")) {
    return await main([topic, ...below, "--help"]);
  }
  const { explainError, listErrors } = await import("./explain-error.ts");
  if (topic === "errors") process.stdout.write(listErrors());
  else if (/^e_/i.test(topic)) process.stdout.write(explainError(topic));
  else throw (await import("./unknown-word.ts")).unknownTopic(topic, Object.keys(COMMANDS));
  return 0;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((command) => command.length));
  const rows = Object.entries(COMMANDS).map(([command, { about }]) => `  tcs ${command.padEnd(width)}   ${about}`);
  return [
    `tcs ${VERSION}: Telescope Control Services`,
    "",
    "Start here:",
    "  tcs new service telescope_monitor     write a service of your own",
    "  tcs test                              run its tests",
    "  tcs run --config services.yaml        run it, and all others in the file",
    "  tcs status                            see the fleet (in another terminal)",
    "",
    "Commands:",
    ...rows,
    "",
    '"tcs COMMAND --help" tells more, with examples; "tcs help E_CODE" explains an',
    'error; "tcs --version" tells the version.',
    "",
  ].join("\n");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { reportFailure } = await import("../common/report-failure.ts");
  process.exitCode = reportFailure(error);
}
