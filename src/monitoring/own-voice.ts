// The voice of a program that no host runs: a connection of its own, or one it was given; shared by all its monitors.
import { hostname } from "node:os";
import type { NatsConnection } from "nats";
import { ensureStreams } from "../broker/streams.ts";
import { brokerOfSurroundings, type Whereabouts } from "../broker/surroundings.ts";
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { Scheduler } from "../common/scheduler.ts";
import { Messenger, type RpcHandler, RpcServer, Subjects } from "../messaging/index.ts";
import type { Voice } from "./voice.ts";

export interface VoiceOptions {
  /** Name of the connection, where one is opened. */
  name: string;
  subjectPrefix: string;
  log: LogSink;
  connection?: NatsConnection | undefined;
  messenger?: Messenger | undefined;
}

/** How long the last words of a monitor may take to reach the broker, milliseconds. */
const LAST_WORDS_MS = 2_000;
/** What opens no connection at all is waited for no longer than this at the end, milliseconds. */
const FIRST_ATTEMPT_MS = 1_000;

/** One for all monitors of the program; nothing in it may end the program. */
const scheduler = new Scheduler((error) => process.emitWarning(`monitoring: ${describeError(error)}`));
/** The one on a connection of our own. */
let ownVoice: OwnVoice | undefined;
const givenVoices = new WeakMap<object, OwnVoice>();

/** The voice for these options: one that is there already, if there is. It is to be released. */
export function openVoice(options: VoiceOptions): OwnVoice {
  const { connection, messenger, subjectPrefix } = options;
  const given = connection ?? messenger;
  let voice = given ? givenVoices.get(given) : ownVoice;
  if (!voice) {
    const forget = () => {
      if (given) givenVoices.delete(given);
      else ownVoice = undefined;
    };
    voice = new OwnVoice(options, forget);
    if (given) givenVoices.set(given, voice);
    else ownVoice = voice;
  }
  voice.use(subjectPrefix);
  return voice;
}

class OwnVoice implements Voice {
  readonly scheduler = scheduler;
  readonly log: LogSink;
  readonly subjectPrefix: string;
  readonly #logger: Logger;
  readonly #messenger: Messenger;
  /** The messenger is somebody else's. */
  readonly #isGiven: boolean;
  /** Somebody said where the broker is, so that to miss it is worth a word. */
  readonly #isNamed: boolean;
  readonly #firstAttempt: Promise<void>;
  readonly #rpc: RpcServer;
  readonly #prefixes = new Set<string>();
  readonly #forget: () => void;
  #users = 0;

  constructor({ name, subjectPrefix, log, connection, messenger }: VoiceOptions, forget: () => void) {
    this.log = log;
    this.subjectPrefix = subjectPrefix;
    this.#forget = forget;
    this.#logger = new Logger(name, log);
    this.#isGiven = messenger !== undefined;
    const { settings, isNamed } = connection ? settingsOfGiven(connection) : brokerOfSurroundings(this.#logger);
    this.#isNamed = isNamed;
    const prepare = (live: NatsConnection) => this.#ensureStreams(live);
    const logger = this.#logger;
    this.#messenger =
      messenger ?? new Messenger({ settings, name, logger, prepare, ...(connection ? { connection } : {}) });
    this.#rpc = new RpcServer({ messenger: this.#messenger, subjects: new Subjects(subjectPrefix), logger });
    this.#firstAttempt = messenger
      ? Promise.resolve()
      : this.#messenger.open().catch((error: unknown) => logger.error(describeError(error)));
  }

  get sink(): Messenger {
    return this.#messenger;
  }
  get isConnected(): boolean {
    return this.#messenger.state === "connected";
  }

  /** One more monitor speaks. */
  use(subjectPrefix: string): void {
    this.#users += 1;
    this.#prefixes.add(subjectPrefix);
  }

  serve(name: string, subjectPrefix: string, handler: RpcHandler): () => void {
    const subjects = new Subjects(subjectPrefix);
    const ends = [
      this.#rpc.serve(name, handler, { subjects }),
      this.#rpc.announce(
        name,
        {
          kind: name,
          description: `Program ${name}`,
          metadata: () => ({ service_id: name, host: hostname(), pid: String(process.pid) }),
          commands: () => ["health", "stats"],
        },
        subjects,
      ),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  async release(): Promise<void> {
    this.#users -= 1;
    const isLast = this.#users === 0;
    if (isLast) this.#forget();
    // A program that is over at once has still something to say.
    if (this.#messenger.state === "connecting") await atMost(FIRST_ATTEMPT_MS, this.#firstAttempt);
    if (isLast) this.#rpc.close();
    if (!isLast || this.#isGiven) await this.#messenger.flush(this.isConnected ? LAST_WORDS_MS : 0);
    else {
      // Nobody has said that there is a broker, and there is none.
      const isAlone = !this.isConnected && !this.#isNamed;
      await this.#messenger.close({ limitMs: isAlone ? 0 : LAST_WORDS_MS, quiet: !this.#isNamed });
    }
  }

  async #ensureStreams(connection: NatsConnection): Promise<void> {
    for (const prefix of this.#prefixes) {
      const { notes } = await ensureStreams(connection, prefix);
      for (const note of notes) this.#logger.warning(note);
    }
  }
}

function settingsOfGiven(connection: NatsConnection): Whereabouts {
  const servers = [connection.getServer()];
  return { settings: { servers, required: false, subjectPrefix: "", origin: "the given connection" }, isNamed: true };
}
