// Whether a peer still lives: asks it when it is silent, and gives it up in the end.

/** A limit is looked at this often within its time. */
const LOOKS = 3;

export interface LivenessOptions {
  heartbeatMs: number;
  heartbeatTimeoutMs: number;
  /** Sends a PING. */
  ask: () => void;
  /** It was silent for longer than it may be. */
  onDead: (silentMs: number) => void;
}

export class Liveness {
  readonly #options: LivenessOptions;
  #heardAt = performance.now();
  #askedAt = 0;
  /** How long the peer may be silent, milliseconds: by our own heartbeats, or because it has said so itself. */
  #limitMs = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setInterval> | undefined;
  #suspended = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** The peer has introduced itself. */
  start(): void {
    const { heartbeatMs, heartbeatTimeoutMs } = this.#options;
    if (heartbeatMs > 0) this.#expect(heartbeatTimeoutMs, heartbeatMs);
  }

  /** The peer has said that it is to be given up if silent for this long. */
  promised(limitMs: number): void {
    if (limitMs > 0 && limitMs < this.#limitMs) this.#expect(limitMs, limitMs);
  }

  heard(): void {
    this.#heardAt = performance.now();
  }

  /** While we do not read, silence means nothing. */
  suspend(suspended: boolean): void {
    this.#suspended = suspended;
    this.heard();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #expect(limitMs: number, everyMs: number): void {
    this.#limitMs = Math.min(this.#limitMs, limitMs);
    clearInterval(this.#timer);
    const { heartbeatMs } = this.#options;
    const lookMs = Math.max(10, Math.min(everyMs, heartbeatMs || everyMs, this.#limitMs / LOOKS));
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  #look(): void {
    if (this.#suspended) return;
    const { heartbeatMs, ask, onDead } = this.#options;
    const now = performance.now();
    const silentMs = now - this.#heardAt;
    if (silentMs >= this.#limitMs) onDead(silentMs);
    else if (heartbeatMs > 0 && Math.min(silentMs, now - this.#askedAt) >= heartbeatMs / 2) {
      this.#askedAt = now;
      ask();
    }
  }
}
