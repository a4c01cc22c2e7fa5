// A monitored object that others can see: a status event at each change, a heartbeat at each interval.
import { hostname } from "node:os";
import type { ReportSink } from "../messaging/report-sink.ts";
import type { Subjects } from "../messaging/subjects.ts";
import { checkedSubject } from "./options.ts";
import { ReportingMonitoredObject, type ReportingOptions } from "./reporting-object.ts";
import { heartbeatData, type Origin, statusData } from "./wire.ts";

export interface MessengerMonitorOptions extends ReportingOptions {
  sink: ReportSink;
  subjects: Subjects;
  /** Monitor name of the launcher this belongs to. */
  parent?: string;
  /** Milliseconds between heartbeats, default 10,000. */
  heartbeatIntervalMs?: number;
  /** Default: this process. */
  pid?: number;
  /** Default: this host. */
  hostname?: string;
}

export class MessengerMonitoredObject extends ReportingMonitoredObject {
  readonly #sink: ReportSink;
  readonly #subjects: Subjects;
  readonly #origin: Origin;
  readonly #intervalMs: number;
  #sequence = 0;
  #startedAt = 0;
  #over = false;

  /** @throws MonitorOptionError when the name cannot be a part of a NATS subject */
  constructor(name: string, options: MessengerMonitorOptions) {
    super(checkedSubject("monitor name", name), options);
    this.#sink = options.sink;
    this.#subjects = options.subjects;
    this.#origin = {
      pid: options.pid ?? process.pid,
      hostname: options.hostname ?? hostname(),
      ...(options.parent === undefined ? {} : { parent: options.parent }),
    };
    this.#intervalMs = options.heartbeatIntervalMs ?? 10_000;
    this.onChange((report) => {
      if (!this.#over) this.#sink.event(this.#subjects.status(name), statusData(report, this.#origin));
    });
  }

  protected override started(): void {
    this.#over = false;
    this.#sequence = 0;
    this.#startedAt = performance.now();
    this.#beat();
    this.repeat(this.#intervalMs, () => this.#beat());
  }

  /** Ends heartbeats and checks. A change of status after this is no longer published: set the last one before. */
  override stop(): void {
    super.stop();
    this.#over = true;
  }

  #beat(): void {
    const beat = {
      name: this.name,
      status: this.status,
      time: Date.now(),
      sequence: this.#sequence++,
      uptimeMs: performance.now() - this.#startedAt,
      intervalMs: this.#intervalMs,
      childrenCount: this.childrenCount,
      metrics: this.heartbeatMetrics(),
    };
    this.#sink.beat(this.#subjects.heartbeat(this.name), heartbeatData(beat, this.#origin));
  }
}
