// What goes on after the end of a story, over restarts of the broker.
import type { NatsConnection } from "nats";
import { StreamFollower } from "../../messaging/stream-follower.ts";
import type { TimelineEntry } from "./entry.ts";
import { STORY_STREAMS, type Story, toWireMessage } from "./history.ts";

/** What is followed is collected this long, so that its two streams come in order of time, milliseconds. */
const COLLECT_MS = 100;

export class StoryFollower {
  readonly #followers: readonly StreamFollower[];
  readonly #onEntries: (entries: TimelineEntry[]) => void;
  #waiting: TimelineEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onEntries is told what happens from the end of the story on, in order of time. */
  constructor(prefix: string, { timeline, after }: Story, onEntries: (entries: TimelineEntry[]) => void) {
    this.#onEntries = onEntries;
    this.#followers = STORY_STREAMS.map(
      (kind) =>
        new StreamFollower({
          prefix,
          kind,
          subject: `${prefix}.${kind}.>`,
          after: after[kind],
          onMessage: (subject, payload, { seq, time }) => {
            const message = toWireMessage(subject, payload, seq, time);
            const entry = message && timeline.take(message);
            if (entry) this.#collect(entry);
          },
        }),
    );
  }

  /** The connection is there, or there again. */
  resume(connection: NatsConnection): void {
    for (const follower of this.#followers) follower.resume(connection);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const follower of this.#followers) follower.stop();
  }

  #collect(entry: TimelineEntry): void {
    if (this.#waiting.length === 0) this.#timer = setTimeout(() => this.#flush(), COLLECT_MS);
    this.#waiting.push(entry);
  }

  #flush(): void {
    const entries = this.#waiting.sort((a, b) => a.time - b.time);
    this.#waiting = [];
    this.#onEntries(entries);
  }
}
