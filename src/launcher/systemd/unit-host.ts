// One life of a service that systemd runs: what it tells its runner, and what the runner asks of it.
import { hostname } from "node:os";
import { describeError } from "../../common/errors.ts";
import { SYSTEMD_SUPERVISOR } from "../../common/supervisor.ts";
import type { ServiceRow } from "../../config/types.ts";
import type { ToHost } from "../../host/protocol.ts";
import type { Subjects } from "../../messaging/index.ts";
import { isStatus, Status, type StatusReport, statusData } from "../../monitoring/index.ts";
import type { HostEnd, HostHandle, HostOptions, NextLife } from "../homes/home.ts";
import { type Ear, OwnVoice } from "../homes/own-voice.ts";
import type { JoinedRun, LifeListener } from "./service-unit.ts";
import { type UnitEnd, WATCHDOG_WORDS } from "./unit-view.ts";

export interface UnitHostOptions {
  row: ServiceRow;
  ear: Ear | undefined;
  subjects: Subjects;
  parent: string;
  begin: (life: UnitHost) => Promise<void>;
  stop: () => void;
  kill: () => void;
  onEnded: () => void;
  tell: HostOptions["onMessage"];
}

/** One life of a service in its unit, for its runner. */
export class UnitHost implements HostHandle, LifeListener {
  readonly killable = true;
  readonly ended: Promise<HostEnd>;
  readonly #options: UnitHostOptions;
  readonly #resolve: (end: HostEnd) => void;
  #voice: OwnVoice | undefined;
  #pid = 0;
  #isReady = false;

  constructor(options: UnitHostOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<HostEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    options.begin(this).catch((error: unknown) => this.onEnded({ code: 1, error: describeError(error) }));
  }

  get pid(): number {
    return this.#pid;
  }

  /** With a watchdog systemd looks after it; else its heartbeats tell. */
  readonly lastHeardMs = (): number | undefined => (this.#options.row.watchdogMs ? undefined : this.#voice?.lastBeatMs);

  send(message: ToHost): void {
    if (message.kind === "stop") this.#options.stop();
    if (message.kind === "configure") {
      const { requestId, spec } = message;
      const outcome = { result: "unfit", reason: "a unit of systemd takes other values when it is started" } as const;
      this.#options.tell({ kind: "configured", id: spec.id, requestId, outcome });
    }
    if (message.kind === "rpc") {
      const { id, requestId } = message;
      this.#options.tell({ kind: "rpc-reply", id, requestId, error: `${id} answers for itself, at its own subject` });
    }
  }

  end(): void {
    // It serves one life, which is over.
  }

  kill(): void {
    this.#options.kill();
  }

  onUp(pid: number): void {
    this.#listen(pid);
    this.#options.tell({ kind: "up", pid });
  }

  onJoined({ pid, startedAt, text, isReady }: JoinedRun): void {
    const { row, subjects, parent, tell } = this.#options;
    this.#listen(pid);
    tell({ kind: "up", pid, since: startedAt });
    const report = reportOf(row.id, text, isReady);
    tell({ kind: "status", id: row.id, report });
    // It has told so itself, but before its start was told again.
    const data = { ...statusData(report, { parent, pid, hostname: hostname() }), supervisor: SYSTEMD_SUPERVISOR };
    tell({ kind: "event", subject: subjects.status(row.id), data });
  }

  #listen(pid: number): void {
    const { row, ear, subjects, parent, tell } = this.#options;
    this.#pid = pid;
    if (ear) {
      this.#voice = new OwnVoice({
        ear,
        subjects,
        serviceId: row.id,
        parent,
        owns: (speaker) => speaker === pid,
        onFirst: () => undefined,
        onStatus: (report) => tell({ kind: "status", id: row.id, report }),
      });
    }
  }

  onReady(durationMs: number): void {
    const { row, tell } = this.#options;
    this.#isReady = true;
    tell({ kind: "started", id: row.id, durationMs });
  }

  /** Until it is heard on NATS, and while there is no broker, this is what is known. */
  onText(text: string): void {
    if (this.#voice?.speaks) return;
    const { row, tell } = this.#options;
    tell({ kind: "status", id: row.id, report: reportOf(row.id, text, this.#isReady) });
  }

  onEnded(end: UnitEnd, next?: NextLife): void {
    this.#voice?.close();
    this.#options.onEnded();
    const { watchdogMs = 0 } = this.#options.row;
    const told = end.error === WATCHDOG_WORDS ? { error: `${WATCHDOG_WORDS} for ${watchdogMs / 1000} s` } : {};
    this.#resolve({ ...end, ...told, next: next ?? "none" });
  }
}

/** From `degraded: the sky is cloudy`. */
function reportOf(name: string, text: string, isReady: boolean): StatusReport {
  const [word = "", ...rest] = text.split(": ");
  const time = Date.now();
  if (isStatus(word)) return { name, status: word, ...(rest.length > 0 && { message: rest.join(": ") }), time };
  return { name, status: isReady ? Status.OK : Status.STARTUP, ...(text !== "" && { message: text }), time };
}
