// What the ways in and out of a service have of it, and their common course: opened, begun, ended.
import { AddressError } from "./errors.ts";
import type { Transport, TransportName } from "./transport.ts";

/** How long what was pushed last may take to be taken, when the service stops, milliseconds. */
export const LAST_WORDS_MS = 1_000;

/** Messages of a service since its start. */
export interface MessageCounts {
  /** Published, pushed. */
  sent: number;
  /** Handed to a handler. */
  received: number;
  /** Of those: the handler has thrown. */
  failed: number;
  /** Could not be read, or were lost on the way here, or before they left. */
  lost: number;
}

export interface Host {
  readonly id: string;
  /** In heartbeats: the type, or the whole id if the variant is not `main`. */
  readonly name: string;
  readonly state: string;
  /** Aborted when the service is to stop. */
  readonly signal: AbortSignal;
  readonly logger: {
    debug(text: string): void;
    info(text: string): void;
    warning(text: string): void;
    error(text: string): void;
  };
  /** Counts what is sent and received. */
  readonly stats: { countSent(): void; countReceived(): void };
  readonly troubles: { failed: number; lost: number };
  readonly transport: TransportName;
  /** Loaded when first asked for. */
  openTransport(): Promise<Transport>;
}

/** A way in or out. */
export interface End {
  /** Name in `addresses`. */
  readonly name: "pub" | "sub" | "push" | "pull";
  readonly addresses: readonly string[];
  open(): Promise<void>;
  /** The service runs. */
  begin?(): void;
  /** Called whether or not it was opened. */
  close(limitMs: number): Promise<void>;
}

/** The addresses of a field of the configuration. @throws AddressError when there are none, and there must be */
export function addressesOf(
  field: string,
  given: string | readonly string[] | undefined,
  transport: TransportName,
  isNeeded: boolean,
): readonly string[] {
  if (given !== undefined) return typeof given === "string" ? [given] : given;
  if (!isNeeded) return [];
  const example = transport === "zmq" ? "an address, as tcp://127.0.0.1:5555" : "a subject, as tasks.dome";
  throw new AddressError(`${field} is missing: expected ${example} (transport: ${transport})`);
}

/** So many lines are told in a second: whoever sends rubbish may send much of it. */
const MOST_TOLD = 10;

/** Tells at most ten lines a second, and with the next how many it has left out. */
export function sparingly(tell: (line: string) => void): (line: string) => void {
  let second = Number.NEGATIVE_INFINITY;
  let told = 0;
  let untold = 0;
  return (line) => {
    if (performance.now() - second >= 1_000) {
      second = performance.now();
      told = 0;
    }
    told += 1;
    if (told > MOST_TOLD) {
      untold += 1;
      return;
    }
    tell(`${line}${untold > 0 ? ` (${untold} more were not told)` : ""}`);
    untold = 0;
  };
}

/** Counts what is lost, and tells it in the log. @param lead before the words of each */
export function lossCounter({ troubles, logger }: Host, lead = ""): (why: string, count?: number) => void {
  const tell = sparingly((line) => logger.warning(line));
  return (why, count = 1) => {
    troubles.lost += count;
    tell(`${lead}${why}`);
  };
}
