// What carries lines that may be lost: not an event, kept in order and resent, nor a beat.
import type { JsonObject } from "../common/json.ts";

export interface OfferedLine {
  subject: string;
  data: JsonObject;
  /** Unique among the lines of this carrier; the same when a line is offered again, so that a stream stores it once. */
  id: string;
}

export interface LineCarrier {
  /** The broker is there: an offer has a chance. */
  readonly isReady: boolean;
  /** Sends lines, without any buffer. @returns whether the broker has them; never rejects */
  offer(lines: readonly OfferedLine[]): Promise<boolean>;
}
