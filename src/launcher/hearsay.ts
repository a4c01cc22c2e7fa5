// What others say of services that are ours is corrected: a launcher that was cut off may be heard late, when another has
// taken its services over, and whoever reads the streams believes the last word.
import type { Msg } from "nats";
import type { Logger } from "../common/logger.ts";
import {
  decode,
  type Messenger,
  readLastPerSubject,
  StandingSubscriptions,
  type Subjects,
} from "../messaging/index.ts";

export interface HearsayOptions {
  messenger: Pick<Messenger, "connection" | "state" | "onStateChange" | "sender">;
  subjects: Subjects;
  /** Monitor name of this launcher. */
  launcher: string;
  logger: Logger;
  /** Tells the truth about a service. @returns false while it cannot be told: whose the service is has to be found out first */
  correct: (id: string) => boolean;
}

/** What comes late comes in a burst: the correction comes after it, milliseconds. */
const SETTLE_MS = 200;
/** A service is corrected once in this time at most: two who both think it theirs shall not shout, milliseconds. */
const PAUSE_MS = 2_000;
/** After a reconnection our own words are sent first: then the last ones of all are read, milliseconds. */
const LOOK_MS = 1_000;

export class Hearsay {
  readonly #options: HearsayOptions;
  readonly #standing: StandingSubscriptions;
  readonly #watched = new Map<string, () => void>();
  readonly #corrections = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #correctedAt = new Map<string, number>();
  readonly #ignoreStates: () => void;
  #look: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HearsayOptions) {
    const { messenger } = options;
    this.#options = options;
    this.#standing = new StandingSubscriptions(messenger);
    this.#ignoreStates = messenger.onStateChange((state) => {
      clearTimeout(this.#look);
      if (state === "connected") this.#look = setTimeout(() => void this.#readMissed(), LOOK_MS);
    });
  }

  watch(id: string): void {
    this.unwatch(id);
    const { subjects } = this.#options;
    const hear = (error: Error | null, message: Msg) => {
      if (!error) this.#hear(id, message);
    };
    const ends = [subjects.anyRegistry(id), subjects.status(id)].map((subject) => this.#standing.add(subject, hear));
    this.#watched.set(id, () => {
      for (const end of ends) end();
    });
  }

  unwatch(id: string): void {
    this.#watched.get(id)?.();
    this.#watched.delete(id);
    clearTimeout(this.#corrections.get(id));
    this.#corrections.delete(id);
  }

  close(): void {
    this.#ignoreStates();
    clearTimeout(this.#look);
    this.#standing.close();
    for (const timer of this.#corrections.values()) clearTimeout(timer);
    this.#corrections.clear();
  }

  #hear(id: string, message: Msg): void {
    const { messenger } = this.#options;
    if (message.headers?.get("Nats-Msg-Id").startsWith(`${messenger.sender}-`) || this.#corrections.has(id)) return;
    const told = decode(message.data);
    this.#judge(id, told.ok ? told.data?.parent : undefined);
  }

  /** What was said while we were not connected is in the stream. Never rejects. */
  async #readMissed(): Promise<void> {
    const { messenger, subjects } = this.#options;
    if (!messenger.connection || messenger.state !== "connected" || this.#watched.size === 0) return;
    const last = await readLastPerSubject(messenger.connection, subjects.status(">"));
    // Nobody can tell: the next connection, or the next word.
    if (!last.ok) return;
    const skipped = subjects.status("").length;
    for (const { subject, data } of last.messages) {
      const id = subject.slice(skipped);
      if (this.#watched.has(id) && !this.#corrections.has(id)) this.#judge(id, data?.parent);
    }
  }

  #judge(id: string, parent: unknown): void {
    const { launcher } = this.#options;
    // A program of ours that speaks for itself names us; whoever names nobody is run by hand, and is told otherwise.
    if (typeof parent !== "string" || parent === launcher) return;
    const pauseMs = Math.max(SETTLE_MS, (this.#correctedAt.get(id) ?? 0) + PAUSE_MS - performance.now());
    this.#corrections.set(
      id,
      setTimeout(() => this.#correct(id, parent), pauseMs),
    );
  }

  #correct(id: string, parent: string): void {
    if (!this.#options.correct(id)) {
      // It will be ours, or nobody will watch over it here.
      const again = setTimeout(() => this.#correct(id, parent), PAUSE_MS);
      this.#corrections.set(id, again);
      return;
    }
    this.#corrections.delete(id);
    this.#correctedAt.set(id, performance.now());
    this.#options.logger.warning(`${parent} has spoken of ${id}, which runs here: its state is told again`);
  }
}
