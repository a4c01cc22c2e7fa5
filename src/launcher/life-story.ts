// What happened to one service under its launcher: its latest events, and how often each kind came.
import type { JsonObject } from "../common/json.ts";
import type { RegistryEvent } from "../messaging/subjects.ts";

export interface LifeEvent {
  /** Milliseconds since the epoch. */
  time: number;
  event: RegistryEvent;
  /** The event's own fields, as published. */
  fields: JsonObject;
}

/** Events that are remembered. */
const MOST_REMEMBERED = 50;

export class LifeStory {
  readonly #events: LifeEvent[] = [];
  readonly #counts = new Map<RegistryEvent, number>();
  #lastEnd: LifeEvent | undefined;

  /** The latest events, oldest first. */
  get events(): readonly LifeEvent[] {
    return this.#events;
  }
  /** The latest `stop` or `crashed`. */
  get lastEnd(): LifeEvent | undefined {
    return this.#lastEnd;
  }

  count(event: RegistryEvent): number {
    return this.#counts.get(event) ?? 0;
  }

  /** @param time when it happened, milliseconds since the epoch */
  note(event: RegistryEvent, fields: JsonObject, time: number): void {
    const entry = { time, event, fields };
    this.#events.push(entry);
    if (this.#events.length > MOST_REMEMBERED) this.#events.shift();
    this.#counts.set(event, this.count(event) + 1);
    if (event === "stop" || event === "crashed") this.#lastEnd = entry;
  }
}
