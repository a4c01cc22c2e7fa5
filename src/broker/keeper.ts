// Sees to it that this host has a broker: finds one, starts one, starts it again, takes over when another's ends.

import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { ensureStateFolder } from "../common/paths.ts";
import type { NatsSettings } from "../config/types.ts";
import { type Claim, claimPort, findOwn, HOST } from "./claim.ts";
import { BrokerStartError } from "./errors.ts";
import { staysWithoutPulse } from "./hang.ts";
import { DEFAULT_PORT } from "./locate.ts";
import { probeNats } from "./probe.ts";
import { removeRecord } from "./record.ts";
import { type BrokerExit, EMBEDDED_NAME_PREFIX, type RunningBroker } from "./server.ts";

export interface BrokerKeeperOptions {
  logger: Logger;
  /** Folder of data, log and record; default `<state>/broker`. */
  storeDir?: string;
  /** First port tried, default 4222. */
  port?: number;
  /** Last port tried when those before are taken by other programs; default 100 above the first. */
  lastPort?: number;
  /** Default `svc`. */
  subjectPrefix?: string;
  /** A server of ours that is silent for this long hangs, and is ended; milliseconds, default 20,000. */
  hangLimitMs?: number;
}

export interface EnsuredBroker {
  settings: NatsSettings;
  /** False when a broker was there already. */
  startedHere: boolean;
}

const PORTS_TRIED = 100;
/** How long another process may take to finish starting or stopping a broker on the same data. */
const BUSY_LIMIT_MS = 10_000;
const BUSY_PAUSE_MS = 20;
/** Before the n-th start in a row; a server that lived longer than `STABLE_MS` begins a new row. */
const RESTART_DELAYS_MS = [0, 500, 1000, 2000, 5000];
const LONGEST_DELAY_MS = 10_000;
const STABLE_MS = 10_000;
/** How long another launcher's broker is silent before it is taken over. */
const SETTLED_AFTER_MS = 1000;
const PROBE_PAUSE_MS = 100;
const HANG_LIMIT_MS = 20_000;

/**
 * For launchers and `tcs broker`, when no broker is configured.
 * Works by events: nothing is polled while the broker is well.
 */
export class BrokerKeeper implements AsyncDisposable {
  readonly #logger: Logger;
  readonly #storeDir: string;
  readonly #firstPort: number;
  readonly #lastPort: number;
  readonly #subjectPrefix: string;
  readonly #hangLimitMs: number;
  readonly #stopping = new AbortController();
  /** The server that is our child. */
  #own: { broker: RunningBroker; startedAt: number } | undefined;
  /** The port of another launcher's embedded broker that we use. */
  #borrowedPort: number | undefined;
  #deathsInARow = 0;
  #ensuring: Promise<EnsuredBroker> | undefined;
  /** Under way: getting a broker back. */
  #recovery: Promise<void> | undefined;
  /** Under way: making sure that our own server does not hang. */
  #checkup: Promise<void> | undefined;

  /** @throws StateFolderError when the broker's folder cannot be made */
  constructor(options: BrokerKeeperOptions) {
    this.#logger = options.logger;
    this.#storeDir = options.storeDir ?? ensureStateFolder("broker");
    this.#firstPort = options.port ?? DEFAULT_PORT;
    this.#lastPort = options.lastPort ?? this.#firstPort + PORTS_TRIED;
    this.#subjectPrefix = options.subjectPrefix ?? "svc";
    this.#hangLimitMs = options.hangLimitMs ?? HANG_LIMIT_MS;
  }

  /** nats-server's pid, when it was started here. */
  get pid(): number | undefined {
    return this.#own?.broker.process.pid;
  }

  /**
   * A broker on this host: this user's running one, a NATS server on the first port, or one started here, on the
   * first port that no other program has.
   * @throws BrokerStartError, StateFolderError, NotFoundError
   */
  ensure(): Promise<EnsuredBroker> {
    this.#ensuring = this.#ensure();
    return this.#ensuring;
  }

  async #ensure(): Promise<EnsuredBroker> {
    const deadline = performance.now() + BUSY_LIMIT_MS;
    let port = this.#firstPort;
    for (;;) {
      if (this.#stopping.signal.aborted) throw new BrokerStartError("failed", "stopped before the broker was up");
      const running = await findOwn(this.#storeDir);
      const claim: Claim = running ? { kind: "found", found: running } : await claimPort(port, this.#storeDir);
      switch (claim.kind) {
        case "found":
        case "started":
          if (!running && port !== this.#firstPort) this.#sayMoved(port);
          this.#accept(claim);
          return { settings: this.#settings(running?.port ?? port), startedHere: claim.kind === "started" };
        case "other":
          if (port === this.#lastPort) throw this.#noPort();
          port++;
          break;
        case "busy":
          if (performance.now() > deadline) throw claim.error;
          await pause(BUSY_PAUSE_MS, this.#stopping.signal);
          break;
      }
    }
  }

  /** Tells that the broker cannot be reached, or the connection to it was lost. Safe to call at any time. */
  connectionLost(): void {
    if (this.#recovery || this.#stopping.signal.aborted) return;
    const port = this.#borrowedPort;
    // Our own child's end is seen by its exit; an operator's server is not ours to replace.
    if (this.#own) this.#checkup ??= this.#endIfHanging(this.#own.broker);
    if (port === undefined) return;
    this.#recover(async () => {
      if (await this.#staysSilent(port)) {
        this.#logger.warning(`the broker at ${HOST}:${port}, another launcher's, has gone; starting one here`);
        await this.#bringBack(port, 0);
      }
    });
  }

  /** Stops the broker if it was started here; its data stays. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // A server may be starting at this moment; it is then ours to stop.
    await Promise.allSettled([this.#ensuring, this.#recovery]);
    const own = this.#own?.broker;
    this.#own = undefined;
    if (!own) return;
    await own.stop();
    removeRecord(this.#storeDir, own);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Takes note of whose broker is in use now. */
  #accept(claim: Claim & { kind: "found" | "started" }): void {
    this.#own = undefined;
    this.#borrowedPort = undefined;
    if (claim.kind === "started") {
      const { broker } = claim;
      this.#own = { broker, startedAt: performance.now() };
      void broker.exited.then((exit) => this.#childEnded(broker, exit));
      return;
    }
    const { port, probe } = claim.found;
    if (probe.serverName.startsWith(EMBEDDED_NAME_PREFIX)) this.#borrowedPort = port;
    if (!probe.jetstream) {
      this.#logger.warning(
        `the NATS server at ${HOST}:${port} runs without JetStream: nothing is kept for later readers (start it with -js)`,
      );
    }
  }

  #childEnded(broker: RunningBroker, exit: BrokerExit): void {
    if (this.#stopping.signal.aborted || this.#own?.broker !== broker) return;
    if (performance.now() - this.#own.startedAt > STABLE_MS) this.#deathsInARow = 0;
    const attempt = this.#deathsInARow++;
    this.#own = undefined;
    const how = exit.signal ? `was killed by ${exit.signal}` : `ended with code ${exit.code}`;
    this.#logger.warning(`the broker (nats-server, pid ${broker.process.pid}) ${how}; starting it again`);
    this.#recover(() => this.#bringBack(broker.port, attempt));
  }

  /** Ends a server that lives and says nothing: its end has it started again. Never rejects. */
  async #endIfHanging(broker: RunningBroker): Promise<void> {
    const { pid } = broker.process;
    const isOurs = () => this.#own?.broker === broker && !this.#stopping.signal.aborted;
    if (await staysWithoutPulse(HOST, broker.port, this.#hangLimitMs, isOurs)) {
      const room = `is there room on the disk of ${this.#storeDir}?`;
      this.#logger.error(`the broker (nats-server, pid ${pid}) hangs and does not answer: it is ended; ${room}`);
      await broker.stop();
    }
    this.#checkup = undefined;
  }

  #recover(work: () => Promise<void>): void {
    this.#recovery = work()
      .catch((error: unknown) => this.#logger.error(`looking after the broker failed: ${describeError(error)}`))
      .finally(() => {
        this.#recovery = undefined;
      });
  }

  /**
   * Whether nobody answers on `port` for a while: its owner, if alive, starts it again at once. One that answers must
   * do so for as long, since a server that is shutting down answers too.
   */
  async #staysSilent(port: number): Promise<boolean> {
    let answering: boolean | undefined;
    let since = 0;
    while (!this.#stopping.signal.aborted) {
      const probe = await probeNats(HOST, port);
      const answers = probe.kind === "nats";
      if (answers !== answering) since = performance.now();
      answering = answers;
      if (performance.now() - since >= SETTLED_AFTER_MS) {
        if (answers) this.#accept({ kind: "found", found: { port, probe } });
        return !answers;
      }
      await pause(PROBE_PAUSE_MS, this.#stopping.signal);
    }
    return false;
  }

  /** Claims `port` until a broker answers there or the keeper is stopped. */
  async #bringBack(port: number, firstAttempt: number): Promise<void> {
    const { signal } = this.#stopping;
    let said: string | undefined;
    for (let attempt = firstAttempt; ; attempt++) {
      await pause(RESTART_DELAYS_MS[attempt] ?? LONGEST_DELAY_MS, signal);
      if (signal.aborted) return;
      const claim = await this.#tryClaim(port);
      if (typeof claim !== "string") {
        this.#accept(claim);
        const how = claim.kind === "started" ? `is up again, nats-server pid ${claim.broker.process.pid}` : "is back";
        this.#logger.info(`the broker at ${HOST}:${port} ${how}`);
        return;
      }
      if (claim !== said) this.#logger.error(`no broker at ${HOST}:${port} yet: ${claim}`);
      said = claim;
    }
  }

  /** What came of a claim, or in words why there is still no broker. */
  async #tryClaim(port: number): Promise<(Claim & { kind: "found" | "started" }) | string> {
    const deadline = performance.now() + BUSY_LIMIT_MS;
    try {
      for (;;) {
        const claim = await claimPort(port, this.#storeDir);
        if (claim.kind === "other") return "the port is taken by something that is not a NATS server";
        if (claim.kind !== "busy") return claim;
        if (performance.now() > deadline || this.#stopping.signal.aborted) return claim.error.message;
        await pause(BUSY_PAUSE_MS, this.#stopping.signal);
      }
    } catch (error) {
      return describeError(error);
    }
  }

  #sayMoved(port: number): void {
    const taken =
      port === this.#firstPort + 1
        ? `${HOST}:${this.#firstPort} is taken by something that is not a NATS server`
        : `${HOST}, ports ${this.#firstPort} to ${port - 1}, are taken by something that is not a NATS server`;
    this.#logger.warning(`${taken}; using ${port}`);
  }

  #noPort(): BrokerStartError {
    const ports =
      this.#firstPort === this.#lastPort
        ? `port ${this.#firstPort} is`
        : `ports ${this.#firstPort} to ${this.#lastPort} are`;
    return new BrokerStartError("port-taken", `${ports} taken by something that is not a NATS server`, {
      hint: "free one, or name a broker with --host or nats: in the configuration",
    });
  }

  #settings(port: number): NatsSettings {
    return {
      servers: [`nats://${HOST}:${port}`],
      required: false,
      subjectPrefix: this.#subjectPrefix,
      origin: "this host's broker",
    };
  }
}

/** Waits `delayMs`, or until `signal` is aborted. */
async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs === 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}
