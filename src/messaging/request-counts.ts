// How often each command was asked for, how often that went wrong, and how long it took.

export interface RequestCounts {
  requests: number;
  errors: number;
  /** The latest error; empty when there was none. */
  lastError: string;
  /** All requests together, milliseconds. */
  busyMs: number;
}

/** Commands that are counted by themselves; whoever asks for nonsense must not fill the memory. */
const MOST_COMMANDS = 64;
const LONGEST_ERROR = 200;

/** Counts of one name's commands. Of `start.camera.main` the command is `start`. */
export class CommandCounts {
  readonly #counts = new Map<string, RequestCounts>();

  of(command: string): Readonly<RequestCounts> | undefined {
    return this.#counts.get(command);
  }

  /** Counts an answer, or with `error` that there was none. */
  add(command: string, tookMs: number, error?: string): void {
    const [verb = ""] = command.split(".", 1);
    const counts = this.#counts.get(verb) ?? { requests: 0, errors: 0, lastError: "", busyMs: 0 };
    counts.requests += 1;
    counts.busyMs += tookMs;
    if (error !== undefined) {
      counts.errors += 1;
      counts.lastError = error.slice(0, LONGEST_ERROR);
    }
    if (this.#counts.size < MOST_COMMANDS || this.#counts.has(verb)) this.#counts.set(verb, counts);
  }
}
