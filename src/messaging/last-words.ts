// What was last said on each subject, and where it was stored. Pure: the time is passed in.
import type { Acknowledgement } from "./acknowledgement.ts";

/** Bounds of what is remembered; of more, what was said longest ago is forgotten. */
const MOST_WORDS = 100_000;
const MOST_BYTES = 64 * 2 ** 20;
/** What is pushed out of a full stream is not said again more often than this, milliseconds: it pushes out others. */
const PUSHED_OUT_MS = 3_600_000;

export interface Word {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly place: Acknowledgement;
  /** When it was last said again because the stream, full, had pushed it out; never, if undefined. */
  readonly againAt: number | undefined;
}

export interface LostWord {
  word: Word;
  /** The stream is the same, and goes on after it: it was full, or was purged. */
  isPushedOut: boolean;
}

export interface StreamState {
  /** When it was made, as the broker tells it: another time, another stream. */
  created: string;
  firstSeq: number;
  lastSeq: number;
}

export class LastWords {
  /** By subject, in the order in which they were said. */
  readonly #words = new Map<string, Word>();
  /** What `created` said of each stream when it was last looked at. */
  readonly #created = new Map<string, string>();
  #bytes = 0;

  keep(subject: string, payload: Uint8Array, place: Acknowledgement): void {
    this.#set({ subject, payload, place, againAt: undefined });
    for (const oldest of this.#words.keys()) {
      if (this.#words.size <= MOST_WORDS && this.#bytes <= MOST_BYTES) break;
      this.#remove(oldest);
    }
  }

  forget(isUnwanted: (subject: string) => boolean): void {
    for (const subject of [...this.#words.keys()]) if (isUnwanted(subject)) this.#remove(subject);
  }

  /** Nothing was said on its subject since. */
  isLast(word: Word): boolean {
    return this.#words.get(word.subject) === word;
  }

  /** It stands elsewhere now. */
  move(word: Word, place: Acknowledgement, againAt = word.againAt): void {
    if (this.isLast(word)) this.#set({ ...word, place, againAt });
  }

  /** Somebody else has the last word on its subject. */
  leave(word: Word): void {
    if (this.isLast(word)) this.#remove(word.subject);
  }

  /** The streams that have them. */
  streams(): string[] {
    return [...new Set(Array.from(this.#words.values(), ({ place }) => place.stream))];
  }

  /** A subject of each stream. */
  samples(): string[] {
    const samples = new Map(Array.from(this.#words.values(), ({ subject, place }) => [place.stream, subject]));
    return [...samples.values()];
  }

  /**
   * What a stream no longer has, in the order in which it was said.
   * @param state how it is now; undefined if it is not there any more
   * @param now milliseconds, of a clock that only goes forward
   */
  lost(stream: string, state: StreamState | undefined, now: number): LostWord[] {
    const known = this.#created.get(stream);
    const isAnother = !state || (known !== undefined && known !== state.created);
    return [...this.#words.values()].flatMap((word): LostWord[] => {
      const { place, againAt } = word;
      if (place.stream !== stream) return [];
      if (isAnother || place.seq > state.lastSeq) return [{ word, isPushedOut: false }];
      const isDue = againAt === undefined || now - againAt > PUSHED_OUT_MS;
      return place.seq < state.firstSeq && isDue ? [{ word, isPushedOut: true }] : [];
    });
  }

  /** All that it had lost was said again. */
  looked(stream: string, { created }: StreamState): void {
    this.#created.set(stream, created);
  }

  /** The connection was lost: a stream that was not looked at by then may be another when it is back. */
  parted(): void {
    for (const stream of this.streams()) if (!this.#created.has(stream)) this.#created.set(stream, "not known");
  }

  #set(word: Word): void {
    this.#remove(word.subject);
    this.#words.set(word.subject, word);
    this.#bytes += word.payload.length;
  }

  #remove(subject: string): void {
    const word = this.#words.get(subject);
    if (!word) return;
    this.#words.delete(subject);
    this.#bytes -= word.payload.length;
  }
}
