// Registry events of PROTOCOL, as a launcher publishes them for one service.
import type { JsonObject } from "../common/json.ts";
import type { LogRecord } from "../common/logger.ts";
import type { RestartPolicy } from "../config/types.ts";
import { tailJson } from "../logs/line.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import type { RegistryEvent, Subjects } from "../messaging/subjects.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";
import { type Status, type StatusReport, statusData } from "../monitoring/index.ts";
import type { HeldBy } from "./desired-state.ts";
import { LifeStory } from "./life-story.ts";

export interface RegistryIdentity {
  serviceId: string;
  /** Monitor name of the launcher. */
  parent: string;
  runnerId: string;
  hostname: string;
  /** Fields of ours that go with every event, as the timetable of a periodic service. */
  extras?: () => JsonObject;
  /** The last lines that the service has logged. */
  lastLines?: () => readonly LogRecord[];
}

/** Somebody who has asked for something. */
export interface OrderedBy {
  by: string;
  reason?: string | undefined;
  /** When it was asked for, milliseconds since the epoch. */
  at?: number | undefined;
}

export class RegistryEvents {
  /** All that was published, for whoever asks later. */
  readonly story = new LifeStory();
  /** While an operator wants the service stopped: told with `declared` and `stop`. */
  heldBy: HeldBy | undefined;
  /** It is no longer declared, and who has seen to that: told with `stop`. */
  removed: { by: string } | undefined;
  runnerId: string;
  #declaredPolicy: RestartPolicy | undefined;
  readonly #sink: ReportSink;
  readonly #subjects: Subjects;
  readonly #identity: RegistryIdentity;

  constructor(sink: ReportSink, subjects: Subjects, identity: RegistryIdentity) {
    this.#sink = sink;
    this.#subjects = subjects;
    this.#identity = identity;
    this.runnerId = identity.runnerId;
  }

  declared(restartPolicy: RestartPolicy, more: JsonObject = {}): void {
    this.#declaredPolicy = restartPolicy;
    this.#publish("declared", { restart_policy: restartPolicy, ...targetFields(this.heldBy), ...more });
  }
  /** The same as last time, with something that has come of it. */
  redeclared(more: JsonObject): void {
    if (this.#declaredPolicy !== undefined) this.declared(this.#declaredPolicy, more);
  }
  /**
   * @param order the operator's order that it follows, if it does
   * @param since when it was started, if that was not now
   */
  start(pid: number, order?: OrderedBy, since = Date.now()): void {
    const { by, reason, at } = order ?? {};
    const fields = {
      status: "startup",
      hostname: this.#identity.hostname,
      pid,
      ...(by === undefined ? {} : { ordered_by: by }),
      ...(at === undefined ? {} : { ordered_at: toWireTimestamp(at) }),
      ...(reason === undefined ? {} : { order_reason: reason }),
    };
    this.#publish("start", fields, {}, since);
  }
  ready(durationMs: number): void {
    this.#publish("ready", { startup_duration_seconds: Math.round(durationMs) / 1000 });
  }
  stopping(reason: string): void {
    this.#publish("stopping", { reason });
  }
  stop(reason: "completed" | "terminated" | "force_killed", exitCode: number): void {
    // What an operator wanted of it goes with it, if another launcher gets it.
    const removed = this.removed ? { removed_by: this.removed.by } : {};
    const target = targetFields(this.heldBy);
    this.#publish("stop", { status: "shutdown", reason, exit_code: exitCode, ...target, ...removed });
  }
  crashed(end: { exitCode: number; restartPolicy: RestartPolicy; willRestart: boolean; error: string }): void {
    this.#publish(
      "crashed",
      {
        status: end.willRestart ? "error" : "failed",
        exit_code: end.exitCode,
        restart_policy: end.restartPolicy,
        will_restart: end.willRestart,
        message: end.error,
      },
      { log_tail: tailJson(this.#identity.lastLines?.() ?? []) },
    );
  }
  restarting(attempt: number, maxRestarts: number): void {
    this.#publish("restarting", {
      status: "startup",
      restart_attempt: attempt,
      max_restarts: maxRestarts === 0 ? null : maxRestarts,
    });
  }
  failed(reason: "restart_limit_reached" | "restart_failed", restartCount: number): void {
    this.#publish("failed", { status: "failed", reason, restart_count: restartCount });
  }

  /** The status message of a service that cannot speak for itself. */
  statusOnBehalf(status: Status, message: string, pid: number): void {
    this.#publishStatus({ name: this.#identity.serviceId, status, message, time: Date.now() }, pid);
  }

  /**
   * Tells the latest life of the service again, each event with its own time, and how it is. The last one has the present time:
   * readers who go by time must take it for later than what it corrects.
   */
  repeat(report: StatusReport, pid: number): void {
    const { events } = this.story;
    const begin = events.findLastIndex(({ event }) => event === "declared" || event === "start");
    const life = events.slice(Math.max(0, begin));
    const last = life.pop();
    const time = Date.now();
    for (const event of life) this.#send(event.event, event.fields, event.time);
    if (last) this.#send(last.event, last.fields, time);
    this.#publishStatus({ ...report, time }, pid);
  }

  #publishStatus(report: StatusReport, pid: number): void {
    const { serviceId, parent, hostname } = this.#identity;
    this.#sink.event(this.#subjects.status(serviceId), statusData(report, { parent, pid, hostname }));
  }

  /** @param more goes on the wire, and is not remembered */
  #publish(event: RegistryEvent, fields: JsonObject, more: JsonObject = {}, time = Date.now()): void {
    this.story.note(event, fields, time);
    this.#send(event, { ...fields, ...more }, time);
  }

  #send(event: RegistryEvent, fields: JsonObject, time: number): void {
    const { serviceId, parent } = this.#identity;
    this.#sink.event(this.#subjects.registry(event, serviceId), {
      event,
      service_id: serviceId,
      timestamp: toWireTimestamp(time),
      ...fields,
      ...this.#identity.extras?.(),
      parent,
      runner_id: this.runnerId,
    });
  }
}

/** That an operator has stopped it, as events, answers and views tell it. `reason` of `stop` is taken: `set_reason`. */
export function targetFields(heldBy: HeldBy | undefined): JsonObject {
  if (!heldBy) return {};
  const { by, at, reason } = heldBy;
  return {
    target: "stopped",
    set_by: by,
    set_at: toWireTimestamp(at),
    ...(reason === undefined ? {} : { set_reason: reason }),
  };
}
