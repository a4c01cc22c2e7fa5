// Configuration from NATS for one launcher: follows the bucket and the document, and has what changed applied.
import { atMost } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { lastGoodWords } from "../../config/last-good.ts";
import { type ConfigOverlay, originName } from "../../config/overlay.ts";
import type { FleetConfig } from "../../config/types.ts";
import type { Messenger } from "../../messaging/index.ts";
import { ConfigStore, SchemaStore, type ScopedSchema, type StoredValue, ValueFollower } from "../../settings/index.ts";
import type { ReloadOutcome, ReloadRequest } from "../reload/reloader.ts";
import { documentOn, documentStream, settingCandidate } from "./candidates.ts";
import { keep, loadKept } from "./kept-values.ts";
import { type Layer, RemoteValues } from "./remote-values.ts";

/** Changes that come within this time of each other are one, milliseconds; but nobody waits longer than the limit. */
const TOGETHER_MS = 30;
const TOGETHER_LIMIT_MS = 200;
const NAMES: Record<Layer, string> = { over: "the broker's bucket of values", under: "the broker's document" };
/** How many who changed something are named. */
const MOST_NAMED = 3;

export interface RemoteConfigOptions {
  messenger: Messenger;
  /** Where to look. */
  fleet: Pick<FleetConfig, "subjectPrefix" | "configSubject">;
  /** The configuration file, by which values are kept for a start without the broker. */
  file: string;
  logger: Logger;
  /** The services of this launcher, as they are now. */
  services: () => readonly { id: string; type: string }[];
  reload: (request: ReloadRequest) => Promise<ReloadOutcome>;
}

/** One of the two places that values come from. */
interface Followed {
  layer: Layer;
  follower: ValueFollower;
  /** Resolves when it was read, or could not be. */
  isTried: Promise<void>;
  /** What it holds is known. */
  isRead: () => boolean;
}

export class RemoteConfig {
  readonly #options: RemoteConfigOptions;
  readonly #values: RemoteValues;
  readonly #store: ConfigStore;
  readonly #schemas: SchemaStore;
  readonly #followers: Followed[];
  readonly #unlisten: () => void;
  #known: readonly ScopedSchema[] = [];
  /** From then on changes are applied as they come. */
  #isOpen = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firstNews = 0;
  #applying: Promise<void> = Promise.resolve();
  readonly #faults = new Map<Layer, string>();
  /** As it is on disk. */
  #kept: ConfigOverlay = { over: [], under: [] };

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

  /**
   * Waits for the first reading, if the broker is there. What is not known then counts as it was kept by an earlier run.
   * @param limitMs the longest to wait
   */
  async known(limitMs: number): Promise<void> {
    if (this.#options.messenger.state === "connected") {
      await atMost(limitMs, Promise.all(this.#followers.map(({ isTried }) => isTried)));
    }
    this.#recall();
  }

  /** Something counts that is not in use. */
  get hasNews(): boolean {
    return this.#values.news.length > 0;
  }

  /** What the latest reading was given is in use. It is kept for a start without the broker. */
  use(): void {
    this.#values.use();
    const now = this.#values.inUse;
    if (Bun.deepEquals(now, this.#kept)) return;
    const fault = keep(this.#options.file, now);
    if (fault === undefined) this.#kept = now;
    else this.#options.logger.warning(`values of the broker are not kept for a start without it: ${fault}`);
  }

  /** What of it is in use for a service, in words. */
  inUseFor(service: { id: string; type: string }): string[] {
    return this.#values.inUseFor(service);
  }

  #recall(): void {
    const { file, logger } = this.#options;
    const { kept, fault } = loadKept(file);
    if (fault !== undefined) logger.warning(fault);
    if (!kept) return;
    this.#kept = kept.overlay;
    for (const { layer, isRead } of this.#followers) {
      const entries = kept.overlay[layer];
      if (!isRead()) {
        this.#values.recall(layer, entries, kept.savedAt);
        if (entries.length > 0) logger.warning(lastGoodWords(`${NAMES[layer]} cannot be read`, kept));
        continue;
      }
      // A document that says less is meant to.
      const missing = layer === "over" ? this.#values.missing(layer, entries) : [];
      const lost = missing.map(({ origin }) => originName(origin));
      if (lost.length === 0) continue;
      logger.warning(`the broker has lost ${lost.join(", ")}: what the file says counts; set them again`);
    }
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

  #followBucket(): Followed {
    const { promise: isTried, resolve } = Promise.withResolvers<void>();
    let isRead = false;
    const candidates = (values: readonly StoredValue[]) =>
      values.flatMap((value) => settingCandidate(this.#store, value));
    const follower = new ValueFollower({
      subject: this.#store.subjects,
      stream: async () => {
        const made = await this.#store.ensure();
        return made.ok ? { ok: true, name: this.#store.stream } : made;
      },
      onAll: (values) => {
        this.#values.takeAll("over", candidates(values));
        this.#faults.delete("over");
        isRead = true;
        resolve();
        this.#soon();
      },
      onChange: (value) => {
        for (const candidate of candidates([value])) this.#values.take("over", candidate);
        this.#soon();
      },
      onFault: (message) => {
        this.#tell("over", `${this.#store.name} cannot be read: ${message}; the configuration stays as it is`);
        resolve();
      },
    });
    return { layer: "over", follower, isTried, isRead: () => isRead };
  }

  #followDocument(subject: string): Followed {
    const { promise: isTried, resolve } = Promise.withResolvers<void>();
    let isRead = false;
    let taken: Promise<void> = Promise.resolve();
    // One after the other: a long document must not come after the one that followed it.
    const take = (value: StoredValue) => {
      taken = taken.then(async () => {
        const { origin, candidates } = await documentOn(subject, value);
        this.#values.takeDocument("under", candidates, origin);
        this.#soon();
      });
      return taken;
    };
    const follower = new ValueFollower({
      subject,
      stream: (connection) => documentStream(connection, subject),
      onAll: ([value]) => {
        this.#faults.delete("under");
        if (!value) this.#tell("under", `there is no document on ${subject} yet`);
        void (value ? take(value) : Promise.resolve()).then(() => {
          isRead = true;
          resolve();
        });
      },
      onChange: (value) => void take(value),
      onFault: (message) => {
        this.#tell("under", `the document on ${subject} cannot be read: ${message}; the configuration stays as it is`);
        resolve();
      },
    });
    return { layer: "under", follower, isTried, isRead: () => isRead };
  }

  /** Once, not at each attempt. */
  #tell(layer: Layer, fault: string): void {
    if (this.#faults.get(layer) !== fault) this.#options.logger.warning(fault);
    this.#faults.set(layer, fault);
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
