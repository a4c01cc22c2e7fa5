// The one interface that service classes speak through: topics and tasks. Two forms: nats/ and zmq/.
import type { JsonMessage } from "./messages.ts";

export type TransportName = "nats" | "zmq";

/** A way out for messages on topics. */
export interface Outlet {
  /** Where it is: of ZeroMQ with the port that was taken. */
  readonly addresses: readonly string[];
  /**
   * Gives the message to all who listen. Does not wait for them, nor for a broker that is away.
   * @param options.fleeting it says nothing any more later: it is sent now or never
   */
  publish(topic: string, message: JsonMessage, options?: { fleeting?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Messages on topics, on their way in: one after the other. */
export interface Inlet {
  readonly addresses: readonly string[];
  /** Takes no more; resolves when what has come is worked off, or after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

export interface InletOptions {
  addresses: readonly string[];
  /** Patterns of topics, without doubles. */
  patterns: readonly string[];
  /** The pattern that a topic goes by, if any. */
  patternOf: (topic: string) => string | undefined;
  /** Never rejects. */
  take: (topic: string, message: JsonMessage) => Promise<void>;
  /** A message could not be read, or was lost, or `count` of them; one line. */
  lost: (why: string, count?: number) => void;
}

/** A way out for tasks: each goes to one taker. */
export interface Pusher {
  readonly addresses: readonly string[];
  /**
   * Resolves when the task is taken: stored in the queue, or given to a taker. Waits while there is no room.
   * @param options.key of a task that may be pushed twice by mistake: the second is left out, where the transport can tell
   * @param options.until when it is aborted, the task is waited with no longer
   * @throws TaskNotTakenError, its cause an AbortError if it was the stop that ended the wait
   */
  push(task: JsonMessage, options?: PushOptions): Promise<void>;
  /** Tasks that wait to be taken. */
  readonly waiting: number;
  /** Tasks that wait have `limitMs` left. */
  close(limitMs: number): Promise<void>;
}

export interface PushOptions {
  key?: string | undefined;
  until?: AbortSignal;
}

export interface PusherOptions {
  addresses: readonly string[];
  side: Side;
  /** How long a task may wait to be taken, milliseconds; undefined: for ever. */
  timeoutMs: number | undefined;
  queue: QueueOptions;
  /** So many tasks were taken, and are lost all the same; one line. */
  lost: (why: string, count: number) => void;
}

/** A task that has come. */
export interface Arrival {
  task: JsonMessage;
  attempt: number;
  /** Names this task among all; undefined where there are no such names. */
  key: string | undefined;
  /** Aborted when it is taken away again. */
  signal: AbortSignal;
}

/** Tasks on their way in: at most `concurrency` at a time. */
export interface Puller {
  readonly addresses: readonly string[];
  /** Tasks that are being worked on. */
  readonly active: number;
  /** Takes no more; those begun have `limitMs` to be finished, then they are returned to the queue, if there is one. */
  close(limitMs: number): Promise<void>;
}

export interface PullerOptions {
  addresses: readonly string[];
  side: Side;
  concurrency: number;
  /** Works on a task. What it throws means that it has failed; an UnfitMessageError, that it always will. */
  take: (arrival: Arrival) => Promise<void>;
  /** The task has failed for good. What it throws lets it come again, where the transport can. */
  dead: (task: JsonMessage, why: string, attempts: number, key: string | undefined) => Promise<void>;
  /** Something came that is no task, or was lost, or `count` of them; one line. */
  lost: (why: string, count?: number) => void;
  queue: QueueOptions;
}

/** How tasks wait, over NATS. */
export interface QueueOptions {
  kind: "jetstream" | "core";
  /** Tasks that may wait; a push waits beyond. */
  limit: number;
  /** A task of whose worker nothing is heard so long comes again, milliseconds. */
  ackWaitMs: number;
  /** How often a task is begun, at most. */
  maxDeliver: number;
  /** Pause before a task that has failed comes again, milliseconds: doubled at each failure. */
  retryMs: number;
  /** Where tasks go that have failed for good; default: the queue's subject with `.dead`. */
  deadLetter: string | undefined;
}

export interface Transport {
  readonly name: TransportName;
  openOutlet(options: { addresses: readonly string[] }): Promise<Outlet>;
  openInlet(options: InletOptions): Promise<Inlet>;
  openPusher(options: PusherOptions): Promise<Pusher>;
  openPuller(options: PullerOptions): Promise<Puller>;
}

/** Which side of an address of ZeroMQ a way in or out is, unless the address says so itself. */
export type Side = "bind" | "connect";
