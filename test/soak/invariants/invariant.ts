// What must be true all the time, whatever is done to a fleet.

export interface Invariant {
  /** As in reports. */
  readonly name: string;
  /** Looks whether it holds, and tells the journal if it does not. @param now milliseconds since the epoch */
  look(now: number): Promise<void> | void;
}

/** Limits are meant for a machine that has nothing else to do: this makes one of this machine, now. */
export type Stretch = (milliseconds: number) => number;
