// The voice of a launcher's services: those that another launcher has taken are not heard any more.
import type { JsonObject } from "../common/json.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { REGISTRY_EVENTS, type Subjects } from "../messaging/subjects.ts";

/** Passes reports on, but for those about services that are muted. */
export class MutedSink implements ReportSink {
  readonly #sink: ReportSink;
  readonly #subjects: Subjects;
  readonly #muted = new Set<string>();

  constructor(sink: ReportSink, subjects: Subjects) {
    this.#sink = sink;
    this.#subjects = subjects;
  }

  mute(serviceId: string): void {
    for (const subject of this.#about(serviceId)) this.#muted.add(subject);
  }

  unmute(serviceId: string): void {
    for (const subject of this.#about(serviceId)) this.#muted.delete(subject);
  }

  /** Whether reports on this subject are about a muted service. */
  isMuted(subject: string): boolean {
    return this.#muted.has(subject);
  }

  event(subject: string, data: JsonObject): void {
    if (!this.#muted.has(subject)) this.#sink.event(subject, data);
  }

  beat(subject: string, data: JsonObject): void {
    if (!this.#muted.has(subject)) this.#sink.beat(subject, data);
  }

  #about(id: string): string[] {
    const registry = REGISTRY_EVENTS.map((event) => this.#subjects.registry(event, id));
    return [...registry, this.#subjects.status(id), this.#subjects.heartbeat(id)];
  }
}
