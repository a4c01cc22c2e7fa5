// Looks that are taken again and again, each when the one before is done.
import type { Journal } from "./journal.ts";

export class Repeated implements AsyncDisposable {
  readonly #journal: Pick<Journal, "violation">;
  readonly #going: Promise<void>[] = [];
  #isOver = false;

  constructor(journal: Pick<Journal, "violation">) {
    this.#journal = journal;
  }

  every(milliseconds: number, look: () => Promise<void> | void): void {
    this.#going.push(this.#repeat(milliseconds, look));
  }

  async #repeat(milliseconds: number, look: () => Promise<void> | void): Promise<void> {
    while (!this.#isOver) {
      try {
        await look();
      } catch (error) {
        this.#journal.violation(
          "the soak itself",
          String(error),
          error instanceof Error ? (error.stack ?? error.message) : String(error),
        );
      }
      await Bun.sleep(milliseconds);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#going);
  }
}
