// Says again what was last said, where the streams have lost it: deleted, purged, or of a broker that came back empty.
import type { NatsConnection } from "nats";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { countOf } from "../common/plural.ts";
import { type Acknowledgement, missingOf, readAnswer } from "./acknowledgement.ts";
import { decode } from "./envelope.ts";
import { objectAt } from "./find-stream.ts";
import { askJetStream, JsError } from "./jetstream.ts";
import { LastWords, type LostWord, type Word } from "./last-words.ts";
import { natsClient } from "./nats-client.ts";
import { fromWireTimestamp } from "./timestamp.ts";

/** How often the streams are looked at, milliseconds. */
const LOOK_MS = 30_000;
/** So many are said at once, and so long an answer is waited for, milliseconds. */
const AT_ONCE = 100;
const ANSWER_MS = 5_000;
/** The publication is refused unless this is the number of the last message of its subject; 0: there is none. */
const EXPECTED = "Nats-Expected-Last-Subject-Sequence";

export interface ReminderOptions {
  logger: Logger | undefined;
  /** Makes the streams. */
  prepare: ((connection: NatsConnection) => Promise<void>) | undefined;
  /** Default 30,000. */
  lookMs: number | undefined;
}

interface Session {
  readonly connection: NatsConnection;
  isLooking: boolean;
  /** Another look is wanted. */
  isAsked: boolean;
}

export class Reminder {
  readonly #options: ReminderOptions;
  readonly #words = new LastWords();
  /** Something that is only published, as heartbeats are: their stream is to be there too. */
  #beat: string | undefined;
  /** Subjects that nothing stores, or could be made to store, and streams that may not be looked at. */
  readonly #hopeless = new Set<string>();
  /** Streams that have stored something. */
  readonly #met = new Set<string>();
  /** Another with each connection, also when it is the same that is back. */
  #session: Session | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: ReminderOptions) {
    this.#options = options;
  }

  /** An event is in a stream. */
  stored(subject: string, payload: Uint8Array, place: Acknowledgement): void {
    this.#words.keep(subject, payload, place);
    if (this.#met.has(place.stream)) return;
    this.#met.add(place.stream);
    // To know it again: another one counts from one, too.
    if (this.#session) void this.#look(this.#session);
  }

  /** Something was published that no stream acknowledges. */
  published(subject: string): void {
    this.#beat = subject;
  }

  /** Others speak of these now. */
  forget(isUnwanted: (subject: string) => boolean): void {
    this.#words.forget(isUnwanted);
  }

  /** The streams have been looked after, and what waited is being sent. */
  up(connection: NatsConnection): void {
    clearInterval(this.#timer);
    const session: Session = { connection, isLooking: false, isAsked: false };
    this.#session = session;
    this.#hopeless.clear();
    this.#timer = setInterval(() => void this.#look(session), this.#options.lookMs ?? LOOK_MS);
    // It is the connection that keeps a program going.
    this.#timer.unref();
    void this.#look(session);
  }

  down(): void {
    this.#session = undefined;
    this.#words.parted();
    clearInterval(this.#timer);
  }

  /** Never rejects. */
  async #look(session: Session): Promise<void> {
    session.isAsked = true;
    if (session.isLooking) return;
    session.isLooking = true;
    while (session.isAsked && this.#session === session) {
      session.isAsked = false;
      try {
        await this.#lookOnce(session);
      } catch (error) {
        // With the next connection, or in half a minute.
        this.#options.logger?.debug(`could not look at the streams: ${describeError(error)}`);
      }
    }
    session.isLooking = false;
  }

  async #lookOnce(session: Session): Promise<void> {
    await this.#makeMissing(session);
    for (const stream of this.#words.streams()) {
      if (this.#hopeless.has(stream)) continue;
      const answer = await askJetStream(session.connection, `STREAM.INFO.${stream}`);
      if (this.#session !== session) return;
      if (!answer.ok && answer.errCode !== JsError.streamNotFound) {
        // Whoever may not look at streams need not ask again.
        if (answer.reason === "refused") this.#hopeless.add(stream);
        continue;
      }
      const state = answer.ok ? stateOf(answer.value) : undefined;
      await this.#sayAgain(session, stream, this.#words.lost(stream, state, performance.now()));
      if (state && this.#session === session) this.#words.looked(stream, state);
    }
  }

  async #makeMissing({ connection }: Session): Promise<void> {
    const { prepare } = this.#options;
    const samples = [...this.#words.samples(), ...(this.#beat === undefined ? [] : [this.#beat])];
    const missing = await missingOf(
      connection,
      samples.filter((subject) => !this.#hopeless.has(subject)),
    );
    if (missing.length === 0 || !prepare) return;
    await prepare(connection);
    for (const subject of await missingOf(connection, missing)) this.#hopeless.add(subject);
  }

  async #sayAgain(session: Session, stream: string, lost: readonly LostWord[]): Promise<void> {
    let count = 0;
    for (let from = 0; from < lost.length; from += AT_ONCE) {
      const some = lost.slice(from, from + AT_ONCE);
      const said = await Promise.all(some.map((one) => this.#say(session, stream, one)));
      count += said.filter(Boolean).length;
      if (this.#session !== session) break;
    }
    if (count > 0) this.#options.logger?.info(`${stream} had lost ${countOf(count, "report")}: said again`);
  }

  /** Unless something later was said there. @returns whether it was stored */
  async #say(session: Session, stream: string, { word, isPushedOut }: LostWord): Promise<boolean> {
    // Before anything is said: whoever listens hears also what the stream will not take.
    const last = await lastOf(session.connection, stream, word.subject);
    if (!this.#words.isLast(word)) return false;
    const ahead = last ? last.time - timeOf(word.payload) : -1;
    if (last && ahead === 0) this.#words.move(word, { stream, seq: last.seq });
    if (ahead > 0) this.#words.leave(word);
    if (ahead >= 0) return false;
    const answer = await publish(session, word, last?.seq ?? 0);
    if (!("fault" in answer)) {
      this.#words.move(word, answer, isPushedOut ? performance.now() : undefined);
      return true;
    }
    // Whoever may not look takes what is there for its own.
    const seq = Number(/\d+$/.exec(answer.fault)?.[0]);
    if (!last && answer.errCode === JsError.wrongLastSequence) this.#words.move(word, { stream, seq });
    return false;
  }
}

async function publish({ connection }: Session, { subject, payload }: Word, expected: number) {
  const headers = (await natsClient()).headers();
  headers.set(EXPECTED, String(expected));
  return readAnswer(await connection.request(subject, payload, { headers, timeout: ANSWER_MS }));
}

function stateOf(info: Parameters<typeof objectAt>[0]) {
  const { first_seq, last_seq } = objectAt(info, "state");
  return { created: String(info.created), firstSeq: Number(first_seq ?? 0), lastSeq: Number(last_seq ?? 0) };
}

/** The last message of a subject; undefined if there is none, or it may not be looked at. */
async function lastOf(connection: NatsConnection, stream: string, subject: string) {
  const answer = await askJetStream(connection, `STREAM.MSG.GET.${stream}`, { last_by_subj: subject });
  if (!answer.ok) return undefined;
  const { seq, data } = objectAt(answer.value, "message");
  return { seq: Number(seq ?? 0), time: timeOf(Buffer.from(String(data ?? ""), "base64")) };
}

/** When it was said, milliseconds since the epoch; of what is no message of ours, long ago. */
function timeOf(payload: Uint8Array): number {
  const decoded = decode(payload);
  return (decoded.ok ? fromWireTimestamp(decoded.meta.ts) : undefined) ?? 0;
}
