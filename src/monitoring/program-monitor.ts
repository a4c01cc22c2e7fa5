// The monitor of a whole program: what createMonitor gives.
import type { JsonObject } from "../common/json.ts";
import { Logger } from "../common/logger.ts";
import type { RpcCall } from "../messaging/index.ts";
import { RequestError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { healthAnswer, statsAnswer } from "./answers.ts";
import { MessengerMonitoredObject } from "./messenger-object.ts";
import { closeAtSignals } from "./signals.ts";
import { Status } from "./status.ts";
import { endWith, type Voice } from "./voice.ts";

export interface ProgramMonitorOptions {
  voice: Voice;
  subjectPrefix: string;
  heartbeatIntervalMs: number;
  healthcheckIntervalMs: number;
  /** Monitor name of what it belongs to. */
  parent?: string | undefined;
  closeOnSignal?: boolean | undefined;
}

/**
 * A monitored object that reports to NATS, and answers `health` and `stats` there. It begins by itself, and ends by
 * `close()` or `await using`. Without a broker it works all the same: what it has to say is kept (the latest 10,000
 * reports) and sent when there is one.
 */
export class ProgramMonitor extends MessengerMonitoredObject {
  readonly #voice: Voice;
  readonly #ends: (() => void)[] = [];
  readonly #createdAtMs = performance.now();
  readonly #counts = { asked: 0, failed: 0 };
  #closed: Promise<void> | undefined;

  constructor(name: string, options: ProgramMonitorOptions) {
    const { voice, subjectPrefix, parent, heartbeatIntervalMs, healthcheckIntervalMs } = options;
    super(name, {
      sink: voice.sink,
      scheduler: voice.scheduler,
      subjects: new Subjects(subjectPrefix),
      logger: new Logger(name, voice.log),
      heartbeatIntervalMs,
      healthcheckIntervalMs,
      ...(parent === undefined ? {} : { parent }),
    });
    this.#voice = voice;
    const end = () => this.close();
    const answering = voice.serve?.(name, subjectPrefix, (call) => this.#answer(call));
    if (answering) this.#ends.push(answering);
    const owner = voice.owner?.();
    if (owner !== undefined) this.#ends.push(endWith(owner, end));
    if (options.closeOnSignal) this.#ends.push(closeAtSignals(end));
    // First the program says how it is: its monitor must not say so before.
    setImmediate(() => this.start());
  }

  /** Whether its reports reach the broker now; undefined in a service, whose launcher knows. */
  get isConnected(): boolean | undefined {
    return this.#voice.isConnected;
  }

  /** Begins heartbeats and checks; happens by itself. A program that has said nothing of itself is `ok`. */
  override start(): void {
    if (this.#closed) return;
    if (this.ownStatus === Status.UNKNOWN) this.setStatus(Status.OK, "Running");
    super.start();
  }

  /** The same as `close()`, which can be waited for. */
  override stop(): void {
    void this.close();
  }

  /**
   * Says `shutdown` (unless the program has said `failed`), and nothing after that. Resolves when it has been sent, or
   * after 2 s; never rejects.
   */
  close(message = "Stopped"): Promise<void> {
    this.#closed ??= this.#close(message);
    return this.#closed;
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(message: string): Promise<void> {
    if (this.ownStatus !== Status.FAILED) this.setStatus(Status.SHUTDOWN, message);
    super.stop();
    for (const end of this.#ends) end();
    await this.#voice.release?.();
  }

  async #answer({ command }: RpcCall): Promise<JsonObject> {
    this.#counts.asked += 1;
    switch (command) {
      case "health":
        return await healthAnswer(this.name, this);
      case "stats":
        return await statsAnswer(this.name, this, this.#createdAtMs, this.#counts);
      default:
        this.#counts.failed += 1;
        throw new RequestError(`${this.name} has no command "${command.slice(0, 100)}" (it has health, stats)`);
    }
  }
}
