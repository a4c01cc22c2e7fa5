// The callbacks of one monitored object that say how it is: asked in rounds, all at a time.
import { checkResults, type Statement, type StatusCallback, StatusSource, type Verdict, verdictOf } from "./health.ts";
import type { Status } from "./status.ts";

/** What a round of questions has found. */
export interface Findings {
  /** What the status callbacks say, in the order in which they were added. */
  statements: Statement[];
  verdict: Verdict;
}

export class Checkup {
  readonly #limitMs: number;
  readonly #tell: (text: string) => void;
  readonly #statusSources = new Set<StatusSource>();
  readonly #checks = new Set<StatusSource>();
  #results: Record<string, Status> = {};

  /** @param limitMs how long a callback may take @param tell is told what goes wrong */
  constructor(limitMs: number, tell: (text: string) => void) {
    this.#limitMs = limitMs;
    this.#tell = tell;
  }

  /** There is nobody to ask. */
  get isEmpty(): boolean {
    return this.#statusSources.size === 0 && this.#checks.size === 0;
  }

  /** What each health check said when it was last asked, by its name; no opinion is `ok`. */
  get results(): Readonly<Record<string, Status>> {
    return this.#results;
  }

  /** Adds a status callback, and asks it. @param take gets what it says now @returns takes it out */
  addStatus(callback: StatusCallback, take: (statement: Statement | undefined) => void): () => void {
    const source = new StatusSource("status callback", callback, this.#limitMs, this.#tell);
    this.#statusSources.add(source);
    const answer = source.ask();
    if (answer instanceof Promise) void answer.then(take);
    else take(answer);
    return () => void this.#statusSources.delete(source);
  }

  /** Adds a health check, which is asked in the next round. @returns takes it out */
  addCheck(callback: StatusCallback): () => void {
    const source = new StatusSource("health check", callback, this.#limitMs, this.#tell);
    this.#checks.add(source);
    return () => void this.#checks.delete(source);
  }

  /** Asks all. Never rejects. */
  async ask(): Promise<Findings> {
    const [statements, answers] = await Promise.all([
      Promise.all([...this.#statusSources].map((source) => source.ask())),
      Promise.all([...this.#checks].map(async (source) => ({ name: source.name, statement: await source.ask() }))),
    ]);
    this.#results = checkResults(answers);
    return { statements: statements.filter((one) => one !== undefined), verdict: verdictOf(answers) };
  }
}
