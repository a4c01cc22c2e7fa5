// The report form of a monitored object: in status messages, and recursively of its children. It is always bounded.
import type { JsonObject } from "../common/json.ts";
import type { Status } from "./status.ts";

export interface StatusReport {
  name: string;
  /** Aggregate of the object and its children. */
  status: Status;
  message?: string;
  /** When this status was set, milliseconds since the epoch. */
  time: number;
  details?: {
    own_status?: Status;
    children?: StatusReport[];
    /** How many children there are beside those listed, which are the worst. */
    children_omitted?: number;
    metrics?: JsonObject;
  };
}

/** Parts that a report tells of, on all levels together. */
export const MOST_PARTS = 1_000;
/** Characters of text that a report has room for, beside its own message and metrics. */
const MOST_CHARACTERS = 200_000;
/** What a part takes that says nothing: names of fields, status, time. */
const LEAST_OF_PART = 100;

/** What a report has room for still. */
export class ReportRoom {
  #parts = MOST_PARTS;
  #characters = MOST_CHARACTERS;

  /** How many more parts fit. */
  get parts(): number {
    return this.#characters > 0 ? this.#parts : 0;
  }

  /** Takes the room of a part's own words. */
  take({ name, message = "", details }: StatusReport): void {
    const metrics = details?.metrics ? JSON.stringify(details.metrics).length : 0;
    this.#parts -= 1;
    this.#characters -= LEAST_OF_PART + name.length + message.length + metrics;
  }
}
