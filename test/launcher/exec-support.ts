// A foreign program as its home runs it, without a launcher around: what it was told, and what it tells.
import { Scheduler } from "../../src/common/scheduler.ts";
import type { Program } from "../../src/config/types.ts";
import type { FromHost, ServiceSpec } from "../../src/host/protocol.ts";
import { GroupGuard } from "../../src/launcher/group-guard.ts";
import { execHome } from "../../src/launcher/homes/exec.ts";
import type { HostEnd, HostHandle } from "../../src/launcher/homes/home.ts";
import type { Ear } from "../../src/launcher/homes/own-voice.ts";
import { waitFor, within } from "../support/wait.ts";

export const PARENT = "launcher.launcher.abc.vm-worker-launcher";

/** A messenger that has never found its broker. */
const DEAF: Ear = {
  sender: "nobody",
  state: "connecting",
  connection: undefined,
  onStateChange: () => () => undefined,
};

export interface ProgramOptions extends Partial<Omit<Program, "kind" | "command">> {
  spec?: Partial<ServiceSpec>;
  ear?: Ear;
}

export interface RunningProgram extends AsyncDisposable {
  readonly host: HostHandle;
  readonly messages: readonly FromHost[];
  readonly end: Promise<HostEnd>;
  /** Its log so far, as `LEVEL text`. */
  readonly log: string[];
  of<K extends FromHost["kind"]>(kind: K): Extract<FromHost, { kind: K }>[];
  waitForLog(pattern: RegExp): Promise<string>;
  stop(): void;
}

/** Starts `command`, as a launcher does: `start` follows `up`. Disposing kills it. */
export function runProgram(command: [string, ...string[]], options: ProgramOptions = {}): RunningProgram {
  const { spec: more, ear = DEAF, ...program } = options;
  const folder = program.cwd ?? "/tmp";
  const module: Program = {
    kind: "program",
    command,
    written: command.join(" "),
    cwd: folder,
    env: {},
    configFile: `${folder}/services.yaml`,
    ...program,
  };
  const spec: ServiceSpec = {
    id: "guider.zb08",
    type: "guider",
    variant: "zb08",
    module,
    logLevel: "info",
    fields: {},
    overrides: {},
    parent: PARENT,
    runnerId: "launcher.abc.vm-worker-launcher.guider",
    subjectPrefix: "svc",
    heartbeatIntervalMs: 50,
    healthcheckIntervalMs: 30_000,
    watchdogMs: 30_000,
    terminateDelayMs: 10_000,
    ...more,
  };
  const messages: FromHost[] = [];
  const guard = new GroupGuard();
  const start = execHome({
    guard,
    scheduler: new Scheduler(),
    ear,
    broker: { url: "nats://127.0.0.1:4333", host: "127.0.0.1", port: "4333" },
  });
  const host = start({
    name: spec.id,
    settings: { shared: false },
    spec,
    onMessage: (message) => {
      messages.push(message);
      if (message.kind === "up") host.send({ kind: "start", spec });
    },
  });
  const of = <K extends FromHost["kind"]>(kind: K) =>
    messages.filter((message): message is Extract<FromHost, { kind: K }> => message.kind === kind);
  const log = () =>
    of("log").flatMap(({ records }) => records.map(({ level, message }) => `${level.toUpperCase()} ${message}`));
  return {
    host,
    messages,
    end: within("the end of the program", host.ended),
    get log() {
      return log();
    },
    of,
    waitForLog: (pattern) => waitFor(`a line ${pattern}`, () => log().find((line) => pattern.test(line))),
    stop: () => host.send({ kind: "stop", id: spec.id }),
    async [Symbol.asyncDispose]() {
      host.kill();
      await within("the end of the program", host.ended);
      guard.dismiss();
    },
  };
}
