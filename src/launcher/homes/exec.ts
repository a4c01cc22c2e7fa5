// Home of foreign programs: any executable, for which the launcher speaks the hosts' protocol.
import { InternalError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { isAtLeast } from "../../common/logger.ts";
import { processGroupOf } from "../../common/process-info.ts";
import { RUN_MARK } from "../../common/run-mark.ts";
import type { Scheduler } from "../../common/scheduler.ts";
import type { PlaceholderValues } from "../../config/placeholders.ts";
import type { Program } from "../../config/types.ts";
import type { FromHost, ServiceSpec, ToHost } from "../../host/protocol.ts";
import { Subjects, toWireTimestamp } from "../../messaging/index.ts";
import { MessengerMonitoredObject, Status, type StatusReport } from "../../monitoring/index.ts";
import type { GroupGuard } from "../group-guard.ts";
import { carries, MarkedEnds } from "../marked.ts";
import { type Child, startChild } from "./child.ts";
import type { HostEnd, HostHandle, HostOptions, StartHost } from "./home.ts";
import { levelOf } from "./line-level.ts";
import { type Ear, OwnVoice } from "./own-voice.ts";
import { type BrokerAddress, type ProgramFault, programEnv, readyProgram, rowValues, startFault } from "./program.ts";

export interface ExecHomeOptions {
  guard: GroupGuard;
  scheduler: Scheduler;
  /** Where programs are heard that speak for themselves. */
  ear: Ear;
  /** The broker, as programs are told. */
  broker: BrokerAddress;
}

/** What is answered for a program. */
export const EXEC_COMMANDS = ["health", "stats"] as const;

export function execHome(options: ExecHomeOptions): StartHost {
  const mark = process.env[RUN_MARK];
  const home: Home = { ...options, ...(mark && { leftBehind: new MarkedEnds(`${RUN_MARK}=${mark}`) }) };
  return ({ spec, onMessage }) => {
    if (spec?.module.kind !== "program") throw new InternalError("only a foreign program can be run here");
    return new ProgramHost(home, spec, spec.module, onMessage);
  };
}

interface Home extends ExecHomeOptions {
  /** Ends what programs have left outside their groups; absent where nothing is marked. */
  leftBehind?: MarkedEnds;
}

/** One life of a program. */
class ProgramHost implements HostHandle {
  readonly killable = true;
  readonly ended: Promise<HostEnd>;
  readonly #home: Home;
  readonly #spec: ServiceSpec;
  readonly #tell: HostOptions["onMessage"];
  readonly #monitor: MessengerMonitoredObject;
  readonly #startedAtMs = performance.now();
  readonly #child: Child | undefined;
  #voice: OwnVoice | undefined;
  /** What the program last said itself. */
  #said: StatusReport | undefined;
  #isStopping = false;

  constructor(home: Home, spec: ServiceSpec, program: Program, tell: HostOptions["onMessage"]) {
    this.#home = home;
    this.#spec = spec;
    this.#tell = tell;
    const child = this.#start(program);
    this.#monitor = this.#makeMonitor("error" in child ? undefined : child.pid);
    if ("error" in child) {
      this.ended = Promise.resolve(child);
      return;
    }
    this.#child = child;
    this.ended = child.ended.then((end) => this.#endOf(end));
    this.#voice = new OwnVoice({
      ear: home.ear,
      subjects: new Subjects(spec.subjectPrefix),
      serviceId: spec.id,
      parent: spec.parent ?? "",
      owns: (pid) => pid === child.pid || processGroupOf(pid) === child.pid || carries(pid, this.#marks),
      onFirst: () => this.#log("tcs", `${spec.id} publishes its own status`),
      onStatus: (report) => {
        this.#said = report;
        tell({ kind: "status", id: spec.id, report });
      },
    });
    // Told in a microtask, as over any other channel.
    queueMicrotask(() => tell({ kind: "up", pid: child.pid }));
  }

  get pid(): number {
    return this.#child?.pid ?? process.pid;
  }

  /** Only the program's own heartbeats show that it lives; one that has none is never called silent. */
  readonly lastHeardMs = (): number | undefined => this.#voice?.lastBeatMs;

  send(message: ToHost): void {
    switch (message.kind) {
      case "start":
        this.#monitor.setStatus(Status.OK, "Program running");
        this.#monitor.start();
        this.#tell({ kind: "started", id: this.#spec.id, durationMs: performance.now() - this.#startedAtMs });
        return;
      case "stop":
      case "shutdown":
        this.#stop();
        return;
      case "rpc":
        this.#answer(message);
        return;
      case "remark":
        this.#monitor.setRemark(message.text);
        return;
      // A program has no way to take another configuration: it is restarted for it.
      case "configure":
      case "heard":
      case "settings":
      case "describe":
      case "check":
        return;
      default:
        message satisfies never;
    }
  }

  end(): void {
    this.kill();
  }

  kill(): void {
    this.#child?.signal("SIGKILL");
  }

  /** By these the program's descendants are known, wherever they have gone. */
  get #marks(): [run: string, service: string] {
    return [`${RUN_MARK}=${process.env[RUN_MARK]}`, `TCS_SERVICE_ID=${this.#spec.id}`];
  }

  #start(program: Program): Child | ProgramFault {
    const { broker, guard } = this.#home;
    const { id, parent = "", runnerId = "", subjectPrefix } = this.#spec;
    const values: PlaceholderValues = {
      ...rowValues(this.#spec, program),
      runner_id: runnerId,
      parent_name: parent,
      nats_url: broker.url,
      subject_prefix: subjectPrefix,
    };
    const env = programEnv(program, values, broker, process.env);
    const ready = readyProgram(program, values, env);
    if ("error" in ready) return ready;
    try {
      return startChild(guard, ready.command, {
        env,
        cwd: ready.cwd,
        onLine: (stream, line) => this.#onLine(id, stream, line),
        // A shell that was asked to stop is gone at once; what it runs has its own way to stop.
        isPatient: () => this.#isStopping,
        onExit: () => this.#onExit(),
      });
    } catch (error) {
      return startFault(ready.command[0], error);
    }
  }

  /** Speaks for the program until it does so itself. */
  #makeMonitor(pid = process.pid): MessengerMonitoredObject {
    const { id, subjectPrefix, heartbeatIntervalMs, healthcheckIntervalMs, parent } = this.#spec;
    const unlessItSpeaks = (message: FromHost) => {
      if (!this.#voice?.speaks) this.#tell(message);
    };
    const monitor = new MessengerMonitoredObject(id, {
      sink: {
        event: (subject, data) => unlessItSpeaks({ kind: "event", subject, data }),
        beat: (subject, data) => unlessItSpeaks({ kind: "beat", subject, data }),
      },
      subjects: new Subjects(subjectPrefix),
      scheduler: this.#home.scheduler,
      heartbeatIntervalMs,
      healthcheckIntervalMs,
      pid,
      ...(parent === undefined ? {} : { parent }),
    });
    monitor.onChange((report) => unlessItSpeaks({ kind: "status", id, report }));
    return monitor;
  }

  #onLine(source: string, stream: "stdout" | "stderr", message: string): void {
    const level = levelOf(message) ?? (stream === "stdout" ? "info" : "warning");
    if (!isAtLeast(level, this.#spec.logLevel)) return;
    this.#tell({ kind: "log", records: [{ time: Date.now(), level, source, message }] });
  }

  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#monitor.setStatus(Status.SHUTDOWN, "Stopping program");
    this.#child?.signal("SIGTERM");
  }

  async #onExit(): Promise<void> {
    this.#monitor.stop();
    // A daemon that left the group would be there twice after a restart.
    await this.#home.leftBehind?.end(this.#marks[1]);
  }

  #endOf(end: HostEnd): HostEnd {
    this.#voice?.close();
    // Who ends by the SIGTERM that asks for it, or says so as shells do, has ended well.
    if (this.#isStopping) return end.code === -15 || end.code === 143 ? { code: 0 } : end;
    const { status, message } = this.#said ?? {};
    if (end.code !== 0 || (status !== Status.FAILED && status !== Status.ERROR)) return end;
    // Services of the Python framework that could not start end so: that is no work done.
    return { code: 1, error: `${message ?? `its last status was ${status}`} (it exited with code 0)` };
  }

  #answer({ id, requestId, command }: Extract<ToHost, { kind: "rpc" }>): void {
    this.#tell({ kind: "rpc-begun", id, requestId });
    const data = this.#reply(command);
    if (data) this.#tell({ kind: "rpc-reply", id, requestId, data });
    else
      this.#tell({
        kind: "rpc-reply",
        id,
        requestId,
        error: `${id} is a foreign program: its launcher answers ${EXEC_COMMANDS.join(" and ")} only`,
      });
  }

  #reply(command: string): JsonObject | undefined {
    const head = { service_id: this.#spec.id, timestamp: toWireTimestamp() };
    const { status, message } = this.#said ?? this.#monitor.report();
    switch (command) {
      case "health":
        return { ...head, status, ...(message === undefined ? {} : { message }), checks: {} };
      case "stats": {
        const uptimeMs = performance.now() - this.#startedAtMs;
        return { ...head, uptime_seconds: Math.round(uptimeMs) / 1000, stats: {} };
      }
      default:
        return undefined;
    }
  }

  #log(source: string, message: string): void {
    this.#tell({ kind: "log", records: [{ time: Date.now(), level: "info", source, message }] });
  }
}
