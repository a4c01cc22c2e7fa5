// The terminal under a full-screen program: taken over, and given back whatever happens.
import { writeSync } from "node:fs";
import { type TerminalSize, terminalSize } from "../own-terminal.ts";
import { type Key, parseKeys } from "./keys.ts";

/** Another screen, no cursor, no wrapping of lines that are too long for it, marks around what is pasted. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h";
const LEAVE = "\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l";
/** The rest of a key's sequence comes within this, also over slow lines, milliseconds. */
const SEQUENCE_MS = 60;
/** A terminal that takes nothing for so long is not waited for, milliseconds. */
const LEAVE_MS = 500;
/** After this a program that could be suspended is, milliseconds. */
const SUSPEND_MS = 100;

export interface TerminalEvents {
  key(key: Key): void;
  /** It has another size, or has been written to by others. */
  redraw(): void;
  /** Its other side has gone, or asks to end: the exit code. */
  end(code: number): void;
  /** An error nobody has caught. The terminal has been given back, so that it can be told. */
  broken(error: unknown): void;
}

export class Terminal {
  readonly #events: TerminalEvents;
  #isOurs = false;
  readonly #onSuspend = () => this.suspend();
  #pending = "";
  #flush: ReturnType<typeof setTimeout> | undefined;
  readonly #decoder = new TextDecoder();

  constructor(events: TerminalEvents) {
    this.#events = events;
  }

  /** Takes it over, until `close`. */
  open(): void {
    this.#enter();
    process.stdin.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    process.stdin.on("end", () => this.#events.end(129));
    process.stdin.on("error", () => this.#events.end(129));
    process.stdout.on("resize", () => this.#events.redraw());
    process.on("SIGINT", () => this.#events.end(130));
    process.on("SIGQUIT", () => this.#events.end(131));
    process.on("SIGTERM", () => this.#events.end(143));
    process.on("SIGHUP", () => this.#events.end(129));
    process.on("SIGTSTP", this.#onSuspend);
    process.on("SIGCONT", () => this.#resume());
    const broken = (error: unknown) => {
      this.close();
      this.#events.broken(error);
    };
    process.on("uncaughtException", broken);
    process.on("unhandledRejection", broken);
    // The last chance, whatever has ended the program.
    process.on("exit", () => this.close());
  }

  get size(): TerminalSize {
    return terminalSize();
  }

  write(text: string): void {
    if (this.#isOurs) process.stdout.write(text);
  }

  /** It does not keep up: what is written now would only wait. */
  get isBusy(): boolean {
    return !this.#isOurs || process.stdout.writableLength > 0;
  }

  /** Gives it back. May be called more than once. */
  close(): void {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    clearTimeout(this.#flush);
    try {
      process.stdin.setRawMode(false);
      // It would keep the program going.
      process.stdin.pause();
    } catch {
      // The terminal itself has gone: there is nothing to give back.
    }
    writeAtOnce(LEAVE);
  }

  /** Back to the shell, until it is continued. Where nobody could continue it, it goes on. */
  suspend(): void {
    this.close();
    // As the terminal itself would have done it: to all that run with it, and not where there is no shell above.
    process.off("SIGTSTP", this.#onSuspend);
    process.kill(0, "SIGTSTP");
    setTimeout(() => {
      process.on("SIGTSTP", this.#onSuspend);
      this.#resume();
    }, SUSPEND_MS);
  }

  #resume(): void {
    if (this.#isOurs) return;
    this.#enter();
    this.#events.redraw();
  }

  #enter(): void {
    this.#isOurs = true;
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdout.write(ENTER);
  }

  #receive(bytes: Uint8Array): void {
    clearTimeout(this.#flush);
    this.#take(this.#pending + this.#decoder.decode(bytes, { stream: true }), false);
    if (this.#pending !== "") this.#flush = setTimeout(() => this.#take(this.#pending, true), SEQUENCE_MS);
  }

  #take(text: string, isWhole: boolean): void {
    const { keys, rest } = parseKeys(text, isWhole);
    this.#pending = rest;
    for (const key of keys) this.#events.key(key);
  }
}

/** Without waiting for anything else: it may be the last that is done. */
function writeAtOnce(text: string): void {
  const deadline = performance.now() + LEAVE_MS;
  let rest = text;
  while (rest !== "" && performance.now() < deadline) {
    try {
      rest = rest.slice(writeSync(1, rest));
    } catch (error) {
      // Anything but a terminal that is slow: it has gone, there is nothing to give back.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Bun.sleepSync(5);
    }
  }
}
