// A launcher that was started to succeed another: whom, and its channel to the process that started it.
import type { FromHeir, ToHolder } from "./messages.ts";

/** Environment variable of a successor: whom it succeeds, as JSON. */
export const SUCCEEDS = "TCS_SUCCEEDS";
/** Bun's, for the IPC channel: what services start must not take it for theirs. */
const CHANNEL = "NODE_CHANNEL_FD";

export interface Predecessor {
  /** Its monitor's name. */
  launcher: string;
  pid: number;
  /** Which of the two names of this launcher it bears: its successor bears the other. */
  turn: number;
}

export class Succession {
  readonly predecessor: Predecessor;
  #isClosed = false;
  readonly #listeners = new Set<(message: ToHolder) => void>();

  private constructor(predecessor: Predecessor) {
    this.predecessor = predecessor;
    process.on("message", (message) => {
      for (const listener of this.#listeners) listener(message as ToHolder);
    });
    // Whoever ends the process that it knows means the launcher: that process is gone.
    process.on("disconnect", () => this.#isClosed || process.kill(process.pid, "SIGTERM"));
  }

  /** This process's, if it was started as a successor. */
  static ofThisProcess(): Succession | undefined {
    const text = process.env[SUCCEEDS];
    if (text === undefined || !process.send) return undefined;
    const succession = new Succession(JSON.parse(text) as Predecessor);
    delete process.env[SUCCEEDS];
    delete process.env[CHANNEL];
    return succession;
  }

  get turn(): number {
    return this.predecessor.turn === 0 ? 1 : 0;
  }

  tell(message: FromHeir): void {
    if (process.connected) process.send?.(message);
  }

  /** Lets the process end. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    if (process.connected) process.disconnect?.();
  }

  onMessage(listener: (message: ToHolder) => void): void {
    this.#listeners.add(listener);
  }
}

/** What stands in the environment of a successor. */
export function succeeds(predecessor: Predecessor): string {
  return JSON.stringify(predecessor);
}
