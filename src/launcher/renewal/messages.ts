// What a launcher's successor and the process that started it tell each other, as JSON over Bun's IPC channel. They are
// of different versions: fields and kinds may be added, and what one does not know it passes over.

/** How far a renewal has come. */
export interface RenewalProgress {
  /** The service that is being taken over. */
  service: string;
  /** How many have been, of how many. */
  done: number;
  of: number;
}

/** What a launcher's lock says of its latest renewal, for whoever asked for it. */
export interface RenewalNote extends Partial<RenewalProgress> {
  /** Milliseconds since the epoch. */
  begun: number;
  /** It has come to nothing. */
  error?: string;
}

/** From the successor. */
export type FromHeir =
  | ({ kind: "progress" } & RenewalProgress)
  /** It runs everything, and all is well. */
  | { kind: "settled" }
  /** It gives up, and ends. */
  | { kind: "failed"; error: string }
  /** Asked to renew, it asks for a successor of its own. */
  | { kind: "renew" };

/** To whoever has the services now: of the successor that is coming, or to it when it has them all. */
export type ToHolder =
  | { kind: "heir"; pid: number }
  | ({ kind: "progress" } & RenewalProgress)
  /** The successor has ended, and what it had is taken back. */
  | { kind: "lost"; error: string }
  /** Everything has been taken over: end. */
  | { kind: "leave" }
  /** The predecessor has ended: the fleet's lock and ports are free. */
  | { kind: "yours" };

/** Who has the services, and what it is told of its successor. */
export interface Holder {
  expect(pid: number): void;
  progress(progress: RenewalProgress): void;
  lost(error: string): void;
  /** Ends what is left here. Resolves when the fleet's lock and ports are free. */
  leave(): Promise<void>;
}
