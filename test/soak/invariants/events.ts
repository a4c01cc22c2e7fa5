// Every crash has its events, in their order, as the broker keeps them: read by number, not by what tcs makes of them.
import type { JetStreamManager } from "nats";
import type { Disturbances } from "../disturbances.ts";
import type { Journal } from "../journal.ts";
import { mayFollow } from "./event-order.ts";
import type { Invariant, Stretch } from "./invariant.ts";

/** A service that was made to crash. */
export interface Crash {
  id: string;
  /** Its launcher's host. */
  host: string;
  /** Milliseconds since the epoch. */
  at: number;
  how: string;
}

export interface RegistryEvent {
  event: string;
  id: string;
  /** Monitor name of the launcher. */
  parent: string;
  /** When it happened, milliseconds since the epoch. */
  at: number;
  /** A message that was sent again has the same. */
  messageId: string;
  /** The process that told it: each life of a launcher is another. */
  sender: string;
}

/** From the crash to the last of its events on the broker, milliseconds, if nothing comes between. */
const LIMIT_MS = 20_000;
const STORY = ["crashed", "restarting", "start", "ready"];

export interface EventsOptions {
  /** Events that were stored since it was last asked; undefined while the broker is away. */
  read: () => Promise<RegistryEvent[] | undefined>;
  disturbances: Pick<Disturbances, "touchedSince" | "calmMs">;
  stretch: Stretch;
  journal: Pick<Journal, "violation">;
}

export class Events implements Invariant {
  readonly name = "events in order";
  readonly #options: EventsOptions;
  readonly #last = new Map<string, RegistryEvent>();
  readonly #seen = new Set<string>();
  /** Lives that are just being told again. */
  readonly #retold = new Set<string>();
  /** What each service's events were, the latest last. */
  readonly #stories = new Map<string, RegistryEvent[]>();
  /** The same of each service and life of a launcher, by name. */
  readonly #told = new Map<string, string[]>();
  #expected: Crash[] = [];
  /** Crashes whose events all came; those that were not judged, because their launcher ended or was cut off too. */
  told = 0;
  notJudged = 0;
  count = 0;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  expect(crash: Crash): void {
    this.#expected.push(crash);
  }

  async look(now: number): Promise<void> {
    const events = await this.#options.read();
    if (!events) return;
    for (const event of events) this.#take(event);
    this.#expected = this.#expected.filter((crash) => this.#isOpen(crash, now));
  }

  #take(event: RegistryEvent): void {
    if (this.#seen.has(event.messageId)) return;
    this.#seen.add(event.messageId);
    // Of one life: what a killed launcher said last may be on its way longer than the first words of the next one.
    const key = `${event.id} of ${event.parent} (${event.sender})`;
    if (this.#isToldAgain(key, event)) return;
    this.count++;
    const last = this.#last.get(key);
    this.#last.set(key, event);
    const story = this.#stories.get(event.id) ?? [];
    this.#stories.set(event.id, [...story.slice(-20), event]);
    const { journal } = this.#options;
    const told = this.#told.get(key) ?? [];
    this.#told.set(key, [...told.slice(-10), event.event]);
    if (!mayFollow(told, event.event)) {
      journal.violation(this.name, event.messageId, `${key}: ${event.event} after ${told.join(", ") || "nothing"}`);
    }
    if (last && event.at < last.at) {
      journal.violation(
        this.name,
        event.messageId,
        `${key}: ${event.event} is ${last.at - event.at} ms older than ${last.event} before it`,
      );
    }
  }

  /** Where another launcher has said otherwise, a life is told again: its events with their own times, the last one as of now. */
  #isToldAgain(key: string, { event, at }: RegistryEvent): boolean {
    const fact = `${key} ${event} ${at}`;
    const isKnown = this.#seen.has(fact);
    this.#seen.add(fact);
    if (isKnown) this.#retold.add(key);
    const isLast = event === this.#told.get(key)?.at(-1);
    return isKnown || (isLast && (this.#retold.delete(key) || event === "start"));
  }

  /** Whether events of this crash are still to come. */
  #isOpen(crash: Crash, now: number): boolean {
    const { disturbances, stretch, journal } = this.#options;
    const story = (this.#stories.get(crash.id) ?? []).filter(({ at }) => at >= crash.at - CLOCK_MS);
    const crashed = story.find(({ event }) => event === "crashed");
    const words = story.filter(({ sender }) => sender === crashed?.sender).map(({ event }) => event);
    const told = words.slice(words.indexOf("crashed")).slice(0, STORY.length);
    if (told.join() === STORY.join()) {
      this.told++;
      return false;
    }
    // Its launcher was killed or frozen, or somebody gave it another order: then nobody may be there to tell.
    if (disturbances.touchedSince([`launcher ${crash.host}`, `service ${crash.id}`], crash.at)) {
      this.notJudged++;
      return false;
    }
    // Cut off for as long as its lease, it has lost the service before it could start it again.
    const isTakenOver = story.some(({ event, parent }) => event === "start" && crashed && parent !== crashed.parent);
    if (isTakenOver && disturbances.touchedSince(["broker", `link ${crash.host}`], crash.at)) {
      this.notJudged++;
      return false;
    }
    const calm = disturbances.calmMs(["broker", `link ${crash.host}`], now);
    if (Math.min(calm, now - crash.at) <= stretch(LIMIT_MS)) return true;
    const what = story.map(({ event }) => event).join(", ") || "none";
    journal.violation(
      this.name,
      `${crash.id} ${crash.at}`,
      `${crash.id} (${crash.how}): its events are ${what}; expected ${STORY.join(", ")}`,
    );
    return false;
  }
}

/** Wire timestamps of a launcher and ours are of one clock, read at different moments. */
const CLOCK_MS = 50;

/** Reads a stream of registry events from its first message on, each once. */
export function registryReader(manager: () => Promise<JetStreamManager>): EventsOptions["read"] {
  let next = 1;
  return async () => {
    const events: RegistryEvent[] = [];
    try {
      const { streams } = await manager();
      const { state } = await streams.info("svc_registry");
      for (next = Math.max(next, state.first_seq); next <= state.last_seq; next++) {
        const event = await streams.getMessage("svc_registry", { seq: next }).then(parsed, goneMeanwhile);
        if (event) events.push(event);
      }
    } catch {
      // The broker is away: what was read counts, the rest is read when it is back.
      return events.length > 0 ? events : undefined;
    }
    return events;
  };
}

function goneMeanwhile(error: unknown): undefined {
  // The stream keeps the last hundred of each subject.
  if (/no message found/i.test(String(error))) return undefined;
  throw error;
}

function parsed(message: { data: Uint8Array; seq: number; header: { get(name: string): string } }): RegistryEvent {
  const { data } = JSON.parse(new TextDecoder().decode(message.data)) as {
    data: { event: string; service_id: string; parent: string; timestamp: number[] };
  };
  const [year = 0, month = 1, day, hour, minute, second, microsecond = 0] = data.timestamp;
  const at = Date.UTC(year, month - 1, day, hour, minute, second) + microsecond / 1000;
  const messageId = message.header.get("Nats-Msg-Id") || `seq ${message.seq}`;
  // `<sender>-<number>`, as every process of tcs numbers its events.
  const sender = messageId.replace(/-\d+$/, "");
  return { event: data.event, id: data.service_id, parent: data.parent, at, messageId, sender };
}
