// What a program tells the service manager that started it (sd_notify): how far it is, how it is, that it lives.
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { type NotifyAddress, takeNotifyAddress } from "./environment.ts";

/** Each call is harmless when no manager listens. None throws, none waits. */
export interface ServiceManager {
  /** Everything that was to start has started. */
  ready(): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  /** A long start or stop goes on: its time limit begins anew. */
  progress(): void;
  reloading(): void;
  reloaded(): void;
  stopping(): void;
}

/** Until when the next progress must come, counted by systemd from the message on. What hangs in a stop is not put up with for long. */
const EXTENSION_USEC = { starting: 90_000_000, stopping: 15_000_000 };
/** Progress is told no more often, milliseconds. */
const PROGRESS_PAUSE_MS = 1000;
/** A manager that is too busy to take a message is told again after this, milliseconds; the last word counts. */
const AGAIN_MS = 100;
const LONGEST_STATUS = 500;

/** Lines to the manager. */
export interface Teller {
  /** @returns false when it could not be told now */
  send(text: string): boolean;
  /** Of the clock that the manager compares with. */
  monotonicUsec(): bigint;
}

/**
 * The manager that waits for this process, taken out of `env` so that it is not told anything by what is started from here.
 * @param logger is told when it listens and cannot be told anything
 */
export async function openServiceManager(
  env: Record<string, string | undefined>,
  logger: Logger,
): Promise<ServiceManager> {
  const address = takeNotifyAddress(env);
  if (!address) return NOBODY;
  try {
    const { DatagramSender } = await import("./datagram.ts");
    return new ListeningManager(new DatagramSender(address.socket), address);
  } catch (error) {
    logger.warning(
      `systemd is not told how things are, and may take this for a start that hangs: ${describeError(error)}`,
    );
    return NOBODY;
  }
}

const nothing = (): void => undefined;
const NOBODY: ServiceManager = {
  ready: nothing,
  status: nothing,
  progress: nothing,
  reloading: nothing,
  reloaded: nothing,
  stopping: nothing,
};

export class ListeningManager implements ServiceManager {
  readonly #teller: Teller;
  #phase: "starting" | "running" | "stopping" = "starting";
  #status = "";
  #lastProgressMs = Number.NEGATIVE_INFINITY;
  /** What could not be told yet, by what it is about. */
  readonly #untold = new Map<string, string>();
  #again: ReturnType<typeof setTimeout> | undefined;

  /** Begins to give signs of life from the loop that it is made in. */
  constructor(teller: Teller, { watchdogMs }: Pick<NotifyAddress, "watchdogMs">) {
    this.#teller = teller;
    if (watchdogMs === undefined) return;
    const beat = () => void teller.send("WATCHDOG=1");
    beat();
    setInterval(beat, watchdogMs / 2).unref();
  }

  ready(): void {
    if (this.#phase === "stopping") return;
    this.#phase = "running";
    this.#tell("phase", "READY=1");
  }

  status(text: string): void {
    const line = text.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_STATUS);
    if (line === this.#status) return;
    this.#status = line;
    this.#tell("status", `STATUS=${line}`);
    this.progress();
  }

  progress(): void {
    const now = performance.now();
    if (this.#phase === "running" || now - this.#lastProgressMs < PROGRESS_PAUSE_MS) return;
    this.#lastProgressMs = now;
    this.#teller.send(`EXTEND_TIMEOUT_USEC=${EXTENSION_USEC[this.#phase]}`);
  }

  reloading(): void {
    if (this.#phase !== "running") return;
    this.#tell("phase", `RELOADING=1\nMONOTONIC_USEC=${this.#teller.monotonicUsec()}`);
  }

  reloaded(): void {
    if (this.#phase === "running") this.#tell("phase", "READY=1");
  }

  stopping(): void {
    this.#phase = "stopping";
    this.#lastProgressMs = Number.NEGATIVE_INFINITY;
    this.#tell("phase", "STOPPING=1");
  }

  #tell(about: string, text: string): void {
    this.#untold.set(about, text);
    if (this.#again === undefined) this.#tellAll();
  }

  #tellAll(): void {
    this.#again = undefined;
    for (const [about, text] of this.#untold) {
      if (!this.#teller.send(text)) {
        this.#again = setTimeout(() => this.#tellAll(), AGAIN_MS);
        this.#again.unref();
        return;
      }
      this.#untold.delete(about);
    }
  }
}
