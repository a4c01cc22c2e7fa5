// How the monitors of a program are heard: by whoever has its connection to the broker.
import type { LogSink } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import type { RpcHandler } from "../messaging/index.ts";
import type { ReportSink } from "../messaging/report-sink.ts";

export interface Voice {
  readonly sink: ReportSink;
  /** One for all monitors of the program. */
  readonly scheduler: Scheduler;
  readonly log: LogSink;
  /** Of the subjects, unless a monitor asks for another. */
  readonly subjectPrefix: string;
  /** Reports reach the broker now; absent when that is not known here. */
  readonly isConnected?: boolean;
  /** The service whose code is running: what that makes belongs to it, and ends with it. */
  owner?(): string | undefined;
  /** Answers requests to a monitor. @returns ends it */
  serve?(name: string, subjectPrefix: string, handler: RpcHandler): () => void;
  /** The monitor has said its last word: resolves when that is on its way. Never rejects. */
  release?(): Promise<void>;
}

/** Voices of hosts in this event loop, the latest last. */
const offered: Voice[] = [];
/** Ends of the monitors that services have made, by the service's id. */
const owned = new Map<string, Set<() => Promise<void>>>();

/** Lets the monitors of this event loop speak through `voice`. @returns ends it */
export function offerVoice(voice: Voice): () => void {
  offered.push(voice);
  return () => {
    const at = offered.indexOf(voice);
    if (at >= 0) offered.splice(at, 1);
  };
}

export function currentVoice(): Voice | undefined {
  return offered.at(-1);
}

/** Remembers that a monitor is to end with the service that made it. @returns forgets it */
export function endWith(owner: string, end: () => Promise<void>): () => void {
  const ends = owned.get(owner) ?? new Set();
  owned.set(owner, ends.add(end));
  return () => {
    ends.delete(end);
    if (ends.size === 0 && owned.get(owner) === ends) owned.delete(owner);
  };
}

/** Ends the monitors that a service has made and left. */
export function endMonitorsOf(owner: string): void {
  for (const end of [...(owned.get(owner) ?? [])]) void end();
}
