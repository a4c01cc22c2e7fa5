// Configuration from NATS for one launcher: follows the bucket and the document, and has what changed applied.
import type { NatsConnection } from "nats";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { ConfigOverlay } from "../../config/overlay.ts";
import { TextSource } from "../../config/source-tree.ts";
import type { FleetConfig } from "../../config/types.ts";
import { type Messenger, streamsOf } from "../../messaging/index.ts";
import {
  ConfigStore,
  overlayEntry,
  readDocument,
  SchemaStore,
  type ScopedSchema,
  type StoredValue,
  ValueFollower,
} from "../../settings/index.ts";
import type { ReloadOutcome, ReloadRequest } from "../reload/reloader.ts";
import { type Candidate, RemoteValues } from "./remote-values.ts";

/** Changes that come within this time of each other are one, milliseconds; but nobody waits longer than the limit. */
const TOGETHER_MS = 30;
const TOGETHER_LIMIT_MS = 200;
/** How many who changed something are named. */
const MOST_NAMED = 3;

export interface RemoteConfigOptions {
  messenger: Messenger;
  /** Where to look. */
  fleet: Pick<FleetConfig, "subjectPrefix" | "configSubject">;
  logger: Logger;
  /** The services of this launcher, as they are now. */
  services: () => readonly { id: string; type: string }[];
  reload: (request: ReloadRequest) => Promise<ReloadOutcome>;
}

export class RemoteConfig {
  readonly #options: RemoteConfigOptions;
  readonly #values: RemoteValues;
  readonly #store: ConfigStore;
  readonly #schemas: SchemaStore;
  readonly #followers: { follower: ValueFollower; isRead: Promise<void> }[];
  readonly #unlisten: () => void;
  #known: readonly ScopedSchema[] = [];
  /** From then on changes are applied as they come. */
  #isOpen = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firstNews = 0;
  #applying: Promise<void> = Promise.resolve();
  #fault: string | undefined;

  constructor(options: RemoteConfigOptions) {
    this.#options = options;
    const { messenger, logger, services } = options;
    const { subjectPrefix: prefix, configSubject: subject } = options.fleet;
    const connection = () => (messenger.state === "connected" ? messenger.connection : undefined);
    this.#values = new RemoteValues(logger, services);
    this.#store = new ConfigStore(prefix, connection);
    this.#schemas = new SchemaStore(prefix, connection);
    this.#followers = [this.#followBucket(), ...(subject === undefined ? [] : [this.#followDocument(subject)])];
    const use = () => {
      const now = connection();
      if (!now) return;
      for (const { follower } of this.#followers) follower.use(now);
      void this.#publish();
    };
    this.#unlisten = messenger.onStateChange(use);
    use();
  }

  /** What counts now, for a reading of the configuration. */
  give(): ConfigOverlay {
    return this.#values.give();
  }

  /** Waits for the first reading, if the broker is there. @param limitMs the longest to wait */
  async known(limitMs: number): Promise<void> {
    if (this.#options.messenger.state !== "connected") return;
    await Promise.race([Promise.all(this.#followers.map(({ isRead }) => isRead)), Bun.sleep(limitMs)]);
  }

  /** Something counts that is not in use. */
  get hasNews(): boolean {
    return this.#values.news.length > 0;
  }

  /** What the latest reading was given is in use. */
  use(): void {
    this.#values.use();
  }

  /** Sets aside what lines of issues are about. @returns false when they are about none of it */
  refuse(lines: readonly string[]): boolean {
    return this.#values.refuse(lines);
  }

  /** Applies changes from now on. */
  open(): void {
    this.#isOpen = true;
    if (this.hasNews) this.#soon();
  }

  close(): void {
    this.#isClosed = true;
    this.#unlisten();
    clearTimeout(this.#timer);
    for (const { follower } of this.#followers) follower.stop();
  }

  /** Makes the schemas known to everybody, now or when the broker is there. */
  publish(schemas: readonly ScopedSchema[]): void {
    this.#known = schemas;
    void this.#publish();
  }

  async #publish(): Promise<void> {
    if (this.#known.length === 0 || this.#options.messenger.state !== "connected") return;
    try {
      const fault = await this.#schemas.publish(this.#known);
      // Without schemas nothing is amiss but for who wants to set something, who is told.
      if (fault) this.#options.logger.debug(`schemas of services were not published: ${fault.message}`);
    } catch (error) {
      this.#options.logger.debug(`schemas of services were not published: ${describeError(error)}`);
    }
  }

  #followBucket() {
    const { promise: isRead, resolve } = Promise.withResolvers<void>();
    const candidates = (values: readonly StoredValue[]) =>
      values.flatMap((value): Candidate[] => {
        const setting = this.#store.decode(value);
        if (!setting) return [];
        const { fault } = setting;
        return [{ entry: overlayEntry(this.#store.name, setting), ...(fault === undefined ? {} : { fault }) }];
      });
    const follower = new ValueFollower({
      subject: this.#store.subjects,
      stream: async () => {
        const made = await this.#store.ensure();
        return made.ok ? { ok: true, name: this.#store.stream } : made;
      },
      onAll: (values) => {
        this.#values.takeAll("over", candidates(values));
        this.#fault = undefined;
        resolve();
        this.#soon();
      },
      onChange: (value) => {
        for (const candidate of candidates([value])) this.#values.take("over", candidate);
        this.#soon();
      },
      onFault: (message) => {
        this.#tell(`${this.#store.name} cannot be read: ${message}; the configuration stays as it is`);
        resolve();
      },
    });
    return { follower, isRead };
  }

  #followDocument(subject: string) {
    const { promise: isRead, resolve } = Promise.withResolvers<void>();
    const take = async (value: StoredValue) => {
      this.#values.takeAll("under", await readCandidates(subject, value));
      this.#soon();
    };
    const follower = new ValueFollower({
      subject,
      stream: (connection) => streamOf(connection, subject),
      onAll: ([value]) => {
        if (!value) this.#options.logger.warning(`there is no document on ${subject} yet`);
        void (value ? take(value) : Promise.resolve()).then(resolve);
      },
      onChange: (value) => void take(value),
      onFault: (message) => {
        this.#tell(`the document on ${subject} cannot be read: ${message}; the configuration stays as it is`);
        resolve();
      },
    });
    return { follower, isRead };
  }

  /** Once, not at each attempt. */
  #tell(fault: string): void {
    if (this.#fault !== fault) this.#options.logger.warning(fault);
    this.#fault = fault;
  }

  /** Applies what has come, together with what comes in the same moment. */
  #soon(): void {
    if (!this.#isOpen || this.#isClosed) return;
    const now = performance.now();
    if (this.#timer === undefined) this.#firstNews = now;
    clearTimeout(this.#timer);
    const waitMs = Math.min(TOGETHER_MS, Math.max(0, this.#firstNews + TOGETHER_LIMIT_MS - now));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#applying = this.#applying.then(() => this.#apply());
    }, waitMs);
  }

  async #apply(): Promise<void> {
    for (;;) {
      const { news } = this.#values;
      if (news.length === 0 || this.#isClosed) return;
      const names = [...new Set(news.map(({ origin }) => origin.by ?? origin.place))];
      const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
      const outcome = await this.#options.reload({ by: names.slice(0, MOST_NAMED).join(", ") + more });
      if (outcome.result === "invalid") {
        // What is not about them is about the file: they are applied when that is mended.
        if (!this.#values.refuse(outcome.issues)) return;
      } else {
        return;
      }
    }
  }
}

async function streamOf(connection: NatsConnection, subject: string) {
  const found = await streamsOf(connection, subject);
  if (!found.ok) return found;
  const [name] = found.names;
  return name === undefined
    ? { ok: false as const, message: "no stream on this broker stores it" }
    : { ok: true as const, name };
}

/** The parts of a document; one with the fault when it has no usable form. */
async function readCandidates(subject: string, { data, seq, time }: StoredValue): Promise<Candidate[]> {
  const origin = { place: `document ${subject}`, revision: seq, time };
  try {
    const entries = await readDocument(new TextSource(`${subject} revision ${seq}`, new TextDecoder().decode(data)));
    return entries.map(({ scope, fields }) => ({ entry: { scope, fields, origin } }));
  } catch (error) {
    return [{ entry: { scope: { kind: "global" }, fields: {}, origin }, fault: describeError(error) }];
  }
}
