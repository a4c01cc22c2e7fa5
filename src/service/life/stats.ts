// What a service counts of its life: since when, how many messages, how many errors.
import type { JsonObject } from "../../common/json.ts";
import { countOf } from "../../common/plural.ts";
import type { Lifecycle, LifecycleState } from "../lifecycle/index.ts";

/** Counts of one life of a service: a restart begins with new ones. */
export class ServiceStats {
  readonly #lifecycle: Lifecycle;
  #startTime: Date | undefined;
  #startedAtMs = 0;
  #endedAtMs: number | undefined;
  #sent = 0;
  #received = 0;
  #errors = 0;

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle;
    lifecycle.onState("starting", () => {
      this.#startTime = new Date();
      this.#startedAtMs = performance.now();
    });
    const end = () => {
      this.#endedAtMs = performance.now();
    };
    lifecycle.onState("stopped", end);
    lifecycle.onState("failed", end);
  }

  /** The service's state. */
  get status(): LifecycleState {
    return this.#lifecycle.state;
  }
  /** When it began to start; undefined before. */
  get startTime(): Date | undefined {
    return this.#startTime;
  }
  /** Seconds since `startTime`, by a monotonic clock; stands still once the service has ended. */
  get uptimeSeconds(): number {
    if (!this.#startTime) return 0;
    return ((this.#endedAtMs ?? performance.now()) - this.#startedAtMs) / 1000;
  }
  /** Messages published or pushed. */
  get messagesSent(): number {
    return this.#sent;
  }
  /** Messages that came by subscription or were pulled. */
  get messagesReceived(): number {
    return this.#received;
  }
  /** Errors recorded, each once. */
  get errors(): number {
    return this.#errors;
  }

  countSent(messages = 1): void {
    this.#sent += messages;
  }
  countReceived(messages = 1): void {
    this.#received += messages;
  }
  countError(): void {
    this.#errors += 1;
  }

  /** As `stats` answers it over NATS. */
  toJSON(): JsonObject {
    return {
      status: this.status,
      start_time: this.#startTime?.toISOString() ?? null,
      uptime_seconds: Math.round(this.uptimeSeconds * 1000) / 1000,
      messages_sent: this.#sent,
      messages_received: this.#received,
      errors: this.#errors,
    };
  }

  /** One line for a log. */
  toString(): string {
    const messages = `${countOf(this.#sent, "message")} sent, ${this.#received} received`;
    return `${this.status} for ${this.uptimeSeconds.toFixed(1)} s, ${messages}, ${countOf(this.#errors, "error")}`;
  }
}
