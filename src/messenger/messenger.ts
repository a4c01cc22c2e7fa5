// The Messenger: all that a program says and hears over NATS, in the envelopes of the Python package `serverish`.
// (The one of src/messaging/ carries the framework's own reports; both use the same link, delivery and envelopes.)
import { basename } from "node:path";
import type { NatsConnection } from "nats";
import { locateBroker } from "../broker/locate.ts";
import { brokerOfSurroundings } from "../broker/surroundings.ts";
import type { JsonObject } from "../common/json.ts";
import { stderrSink } from "../common/log-line.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { countOf } from "../common/plural.ts";
import { resolveNats } from "../config/nats.ts";
import type { NatsSettings } from "../config/types.ts";
import { BorrowedLink } from "../messaging/borrowed-link.ts";
import { randomToken } from "../messaging/envelope.ts";
import type { LinkState } from "../messaging/link.ts";
import { SharedLink } from "../messaging/shared-link.ts";
import { checkAddress } from "./arguments.ts";
import { CallbackSubscriber, type MessageCallback } from "./callback-subscriber.ts";
import { CorePublisher } from "./core-publisher.ts";
import { CoreSubscriber, type CoreSubscriberOptions } from "./core-subscriber.ts";
import { JournalPublisher, JournalReader } from "./journal.ts";
import { Line, type LineOptions } from "./line.ts";
import { LiveDocument } from "./live-document.ts";
import type { BufferOptions } from "./outgoing.ts";
import { ProgressPublisher, ProgressReader, type ProgressReaderOptions } from "./progress.ts";
import { type OwnMeta, type Published, Publisher, type PublisherOptions } from "./publisher.ts";
import { Reader, type ReaderOptions } from "./reader.ts";
import type { Received } from "./received.ts";
import { type RequestOptions, type RpcAnswer, RpcRequester } from "./rpc-requester.ts";
import { type RpcCallback, RpcResponder, type RpcResponderOptions } from "./rpc-responder.ts";
import type { Schema } from "./schema.ts";
import { SingleReader, type SingleReaderOptions } from "./single-reader.ts";
import type { Part } from "./wire.ts";

export interface MessengerOptions {
  /** Address of the broker, as `nats://host:4222`. Default: by `TCS_NATS_URL`, `NATS_URL`, `NATS_HOST`, else this host's. */
  url?: string;
  /** An open connection of the `nats` package: it is used, and stays yours to close. */
  connection?: NatsConnection;
  /** Who speaks: `meta.sender`, and the name of the connection. Default: the program's name and some random characters. */
  name?: string;
  /** What waits while the broker is away, and what becomes of more. */
  buffer?: BufferOptions;
  /** Where trouble is told. Default: lines on stderr, from warnings on. */
  log?: LogSink;
}

export interface MessengerHealth {
  state: LinkState;
  /** Messages stored, not sent and not to be, and waiting for the broker. */
  sent: number;
  dropped: number;
  buffered: number;
  /** Of each publisher, reader, subscriber and responder that is open. */
  parts: Part["healthStatus"][];
}

/** How long a close may take, milliseconds. */
const CLOSE_LIMIT_MS = 2_000;

/**
 * Publishes, reads, asks and answers over NATS. It connects at its first use and keeps the connection over outages;
 * messages published meanwhile are kept. In a service it is `this.messenger`.
 * @example
 * ```ts
 * import { Messenger } from "ocabox-tcs/messenger";
 * await using messenger = await Messenger.open();
 * await messenger.singlePublish("telemetry.weather.wind", { speed: 4.2 });
 * const { data } = await messenger.getSingleReader("telemetry.weather.wind").read();
 * console.log(data.speed);
 * ```
 */
export class Messenger implements AsyncDisposable {
  readonly #line: Line;

  /** Connects at the first use. @throws ConfigError when `url` is no address */
  constructor(options: MessengerOptions | LineOptions = {}) {
    this.#line = new Line("attach" in options ? options : lineOptions(options));
  }

  /**
   * A messenger that has begun to connect. Without `timeoutMs` it resolves after the first attempt, and goes on trying.
   * @throws BrokerUnreachableError when the broker was not there within `timeoutMs` @throws ConfigError
   */
  static async open({ timeoutMs, ...options }: MessengerOptions & { timeoutMs?: number } = {}): Promise<Messenger> {
    const messenger = new Messenger(options);
    try {
      if (timeoutMs === undefined) await messenger.#line.connect();
      else await messenger.#line.connected(timeoutMs);
      return messenger;
    } catch (error) {
      await messenger.close({ limitMs: 0 });
      throw error;
    }
  }

  /** Who speaks. */
  get name(): string {
    return this.#line.meta.sender;
  }
  get state(): LinkState {
    return this.#line.state;
  }
  /** The connection of the `nats` client, for what is not here; undefined until the first success. */
  get connection(): NatsConnection | undefined {
    return this.#line.connection;
  }
  get healthStatus(): MessengerHealth {
    return {
      state: this.state,
      ...this.#line.outgoing.counters,
      parts: this.#line.parts.map((part) => part.healthStatus),
    };
  }
  /** Calls `listener` when the broker goes and comes. @returns ends it */
  onStateChange(listener: (state: LinkState) => void): () => void {
    return this.#line.onStateChange(listener);
  }
  /** Waits for the broker. @throws BrokerUnreachableError after `limitMs` @throws ClosedError */
  async connected(limitMs: number): Promise<void> {
    await this.#line.connected(limitMs);
  }

  /** Publishes to one subject, into its stream. @typeParam T what data is */
  getPublisher<T extends object = JsonObject>(subject: string, options?: PublisherOptions<T>): Publisher<T> {
    return new Publisher(this.#line, subject, options);
  }
  /** Publishes one message. @throws as `Publisher.publish` */
  async singlePublish<T extends object>(subject: string, data: T, meta?: OwnMeta): Promise<Published> {
    await using publisher = new Publisher<T>(this.#line, subject);
    return await publisher.publish(data, meta);
  }
  /**
   * Reads a subject (wildcards allowed) from its stream.
   * @example
   * ```ts
   * import { Messenger } from "ocabox-tcs/messenger";
   * await using messenger = await Messenger.open();
   * const reader = messenger.getReader<{ speed: number }>("telemetry.weather.wind", { deliverPolicy: "last" });
   * for await (const { data, meta } of reader) console.log(meta.ts, data.speed);
   * ```
   */
  getReader<T = JsonObject>(subject: string, options?: ReaderOptions<T>): Reader<T> {
    return new Reader(this.#line, subject, options);
  }
  /** Reads single values: the last one, or the next that comes. */
  getSingleReader<T = JsonObject>(subject: string, options?: SingleReaderOptions<T>): SingleReader<T> {
    return new SingleReader(this.#line, subject, options);
  }
  /** The last message of a subject. @throws as `SingleReader.read` */
  singleRead<T = JsonObject>(
    subject: string,
    { timeoutMs, ...options }: SingleReaderOptions<T> & { timeoutMs?: number } = {},
  ): Promise<Received<T>> {
    return this.getSingleReader(subject, options).read(timeoutMs === undefined ? {} : { timeoutMs });
  }
  /** A reader with a callback; with `callback` it begins at once. `deliverPolicy` is `last` by default. */
  getCallbackSubscriber<T = JsonObject>(
    subject: string,
    options?: ReaderOptions<T>,
    callback?: MessageCallback<T>,
  ): CallbackSubscriber<T> {
    const subscriber = new CallbackSubscriber(this.#line, subject, options);
    return callback ? subscriber.subscribe(callback) : subscriber;
  }
  /** Publishes to who listens now, without a stream, an answer or a buffer. */
  getCorePublisher<T extends object = JsonObject>(subject: string, options?: PublisherOptions<T>): CorePublisher<T> {
    return new CorePublisher(this.#line, subject, options);
  }
  /** Hears a subject live, whether a stream stores it or not; with `callback` it begins at once. */
  getCoreSubscriber<T = JsonObject>(
    subject: string,
    options?: CoreSubscriberOptions<T>,
    callback?: MessageCallback<T>,
  ): CoreSubscriber<T> {
    const subscriber = new CoreSubscriber(this.#line, subject, options);
    return callback ? subscriber.subscribe(callback) : subscriber;
  }
  /** Asks a subject again and again. */
  getRpcRequester<T = JsonObject>(subject: string, options?: { schema?: Schema<T> }): RpcRequester<T> {
    return new RpcRequester(this.#line, subject, options);
  }
  /** Asks once. @throws as `RpcRequester.request` */
  request<T = JsonObject>(subject: string, data?: JsonObject, options?: RequestOptions): Promise<RpcAnswer<T>> {
    return new RpcRequester<T>(this.#line, subject).request(data, options);
  }
  /**
   * Answers a subject; with `callback` it begins at once.
   * @example
   * ```ts
   * import { Messenger } from "ocabox-tcs/messenger";
   * await using messenger = await Messenger.open();
   * messenger.getRpcResponder<{ a: number; b: number }>("math.sum", {}, ({ data }) => ({ sum: data.a + data.b }));
   * ```
   */
  getRpcResponder<T = JsonObject>(
    subject: string,
    options?: RpcResponderOptions<T>,
    callback?: RpcCallback<T>,
  ): RpcResponder<T> {
    const responder = new RpcResponder(this.#line, subject, options);
    return callback ? responder.registerFunction(callback) : responder;
  }
  /** Writes a journal, and lets a Logger write it: see its `sink`. */
  getJournalPublisher(subject: string): JournalPublisher {
    return new JournalPublisher(this.#line, subject);
  }
  /** Reads a journal; what comes from now on, unless `deliverPolicy` says otherwise. */
  getJournalReader(subject: string, options?: Omit<ReaderOptions, "schema">): JournalReader {
    return new JournalReader(this.#line, subject, options);
  }
  /** Tells how far tasks are. `tcs progress` shows those under `svc.progress.` by itself. */
  getProgressPublisher(subject: string): ProgressPublisher {
    return new ProgressPublisher(this.#line, subject);
  }
  /** Reads how far tasks are, until all are done. */
  getProgressReader(subject: string, options?: ProgressReaderOptions): ProgressReader {
    return new ProgressReader(this.#line, subject, options);
  }
  /** A document that follows its subject. */
  getLiveDocument<T = JsonObject>(
    subject: string,
    options?: Omit<ReaderOptions<T>, "deliverPolicy" | "nowait">,
  ): LiveDocument<T> {
    return new LiveDocument(this.#line, subject, options);
  }

  /** Waits until everything published is with the broker. @returns false if that took longer than `limitMs` (default 2,000) */
  flush(limitMs = CLOSE_LIMIT_MS): Promise<boolean> {
    return this.#line.outgoing.flush(limitMs);
  }

  /**
   * Drains and closes: readers and responders end when what they have begun is done, what waits is sent. Takes at most
   * `limitMs` (default 2,000), much less when the broker is away. What could not be sent is told in the log.
   */
  async close({ limitMs = CLOSE_LIMIT_MS }: { limitMs?: number } = {}): Promise<void> {
    const { buffered } = this.#line.outgoing.counters;
    const { logger } = this.#line;
    if (!(await this.#line.close(limitMs))) {
      logger?.warning(`closed with up to ${countOf(buffered, "message")} not sent`);
    }
  }
  /** The same as `close`. */
  drain(limitMs = CLOSE_LIMIT_MS): Promise<void> {
    return this.close({ limitMs });
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function lineOptions(options: MessengerOptions): LineOptions {
  const { url, connection, name = madeUpName(), buffer = {}, log = stderrSink({ least: "warning" }) } = options;
  const logger = new Logger(name, log);
  const where = connection ? undefined : url === undefined ? brokerOfSurroundings(logger).settings : settingsOf(url);
  const settings = (): NatsSettings => {
    if (where) return typeof where === "function" ? where() : where;
    return {
      servers: [connection?.getServer() ?? ""],
      required: false,
      subjectPrefix: "",
      origin: "the given connection",
    };
  };
  const shared = new SharedLink(settings, name);
  const attach: LineOptions["attach"] = (events) =>
    connection ? new BorrowedLink(connection, events) : shared.attach(events);
  return { name, attach, settings, logger, buffer };
}

/** With a login of the environment, if there is one. @throws ConfigError of that, MessengerOptionError */
function settingsOf(url: string): NatsSettings {
  checkAddress("url", url);
  const settings = resolveNats({ env: { ...process.env, TCS_NATS_URL: url } });
  // An address is there, so that there are settings, unless it is the empty text.
  return { ...(settings ?? locateBroker()), origin: "the given address" };
}

/** As `weather_x7Kf02qs`. */
function madeUpName(): string {
  const program = basename(process.argv[1] ?? "").replace(/\.[cm]?[jt]s$/, "");
  return `${program.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 40) || "Messenger"}_${randomToken(8)}`;
}
