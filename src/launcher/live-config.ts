// The configuration of one life of a service: what it runs with, what it is to run with, and what it said to that.
import type { JsonObject } from "../common/json.ts";
import { differing, fieldOf } from "../config/row-difference.ts";
import type { ConfigureOutcome, FromHost, ServiceSpec, ToHost } from "../host/protocol.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";

/** Longer than what the host gives the service, milliseconds: beyond that its event loop hangs. */
export const ANSWER_LIMIT_MS = 12_000;

export type LiveOutcome =
  | ConfigureOutcome
  /** It has ended before it answered: its next life has the new values. */
  | { result: "ended" };

/** The latest change of the configuration since the service was started. */
export interface ConfigNote {
  /** `ignored`: it counts from the next start, as `config_reload: ignore` says. */
  result: "applied" | "refused" | "ignored";
  keys: readonly string[];
  reason?: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface LiveConfigOptions {
  /** What the service is started with. */
  spec: ServiceSpec;
  send: (message: ToHost) => void;
  /** There is something new to tell about it. */
  onNote: (note: ConfigNote) => void;
  answerLimitMs?: number;
}

interface Request {
  spec: ServiceSpec;
  keys: readonly string[];
  resolve: (outcome: LiveOutcome) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class LiveConfig {
  readonly #options: LiveConfigOptions;
  /** What it runs with. */
  #has: ServiceSpec;
  /** What it is to run with. */
  #wanted: ServiceSpec;
  #note: ConfigNote | undefined;
  /** Whether it has `onConfigChange`; known once it is started. */
  #hears = false;
  readonly #started = Promise.withResolvers<void>();
  readonly #requests = new Map<number, Request>();
  #count = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** What is told when the service has answered what it was told before. */
  #next: Promise<LiveOutcome> | undefined;
  #isOver = false;

  constructor(options: LiveConfigOptions) {
    this.#options = options;
    this.#has = options.spec;
    this.#wanted = options.spec;
  }

  get hears(): boolean {
    return this.#hears;
  }
  get note(): ConfigNote | undefined {
    return this.#note;
  }

  /** The service runs, and can be told. */
  start(hears: boolean): void {
    this.#hears = hears;
    this.#started.resolve();
  }

  /** It is to run with other values: `tell` tells it. */
  want(spec: ServiceSpec): void {
    this.#wanted = spec;
  }

  /**
   * Tells the service what it is to run with, once it is started. While it has not answered, what is wanted then waits; of
   * several only the latest is told. Never rejects.
   */
  tell(): Promise<LiveOutcome> {
    if (this.#next) return this.#next;
    const next = this.#turn.then(() => {
      this.#next = undefined;
      return this.#tell();
    });
    this.#next = next;
    this.#turn = next;
    return next;
  }

  /** It keeps what it has until its next start, and says so if that is not what it is to have. */
  ignore(): void {
    const keys = this.#drift();
    if (keys.length === 0) {
      if (this.#note) this.#remark();
      this.#note = undefined;
      return;
    }
    this.#remark(`configuration changed (${keys.join(", ")}): it counts from the next start`);
    this.#tellNote({ result: "ignored", keys, at: Date.now() });
  }

  onMessage({ requestId, outcome }: Extract<FromHost, { kind: "configured" }>): void {
    const request = this.#requests.get(requestId);
    if (!request) return;
    this.#requests.delete(requestId);
    clearTimeout(request.timer);
    this.#take(outcome, request);
    request.resolve(outcome);
  }

  /** The life is over. */
  end(): void {
    this.#isOver = true;
    this.#started.resolve();
    for (const { resolve, timer } of this.#requests.values()) {
      clearTimeout(timer);
      resolve({ result: "ended" });
    }
    this.#requests.clear();
  }

  /** Before its start the host does not know it. */
  #remark(text?: string): void {
    const { id } = this.#wanted;
    void this.#started.promise.then(() => {
      if (!this.#isOver) this.#options.send({ kind: "remark", id, ...(text === undefined ? {} : { text }) });
    });
  }

  async #tell(): Promise<LiveOutcome> {
    await this.#started.promise;
    if (this.#isOver) return { result: "ended" };
    const spec = this.#wanted;
    const requestId = ++this.#count;
    const { promise, resolve } = Promise.withResolvers<LiveOutcome>();
    const { answerLimitMs = ANSWER_LIMIT_MS, send } = this.#options;
    const timer = setTimeout(() => this.#giveUp(requestId, answerLimitMs), answerLimitMs);
    this.#requests.set(requestId, { spec, keys: this.#drift(), resolve, timer });
    send({ kind: "configure", requestId, spec });
    return await promise;
  }

  /** What it answers later still counts. */
  #giveUp(requestId: number, limitMs: number): void {
    const request = this.#requests.get(requestId);
    if (!request) return;
    const reason = `no answer within ${limitMs / 1000} s: its event loop hangs, or is very busy`;
    const outcome: ConfigureOutcome = { result: "refused", keys: [...request.keys], reason };
    this.#take(outcome, request);
    request.resolve(outcome);
  }

  #take(outcome: ConfigureOutcome, { spec, keys }: Request): void {
    const at = Date.now();
    switch (outcome.result) {
      case "applied":
        this.#has = spec;
        this.#tellNote({ result: "applied", keys: outcome.keys, at });
        return;
      case "unchanged": {
        this.#has = spec;
        // What it had refused is not asked for any more.
        const wasOpen = this.#note !== undefined && this.#note.result !== "applied";
        if (wasOpen) this.#tellNote({ result: "applied", keys, at });
        return;
      }
      case "refused":
        this.#tellNote({ result: "refused", keys: outcome.keys, reason: outcome.reason, at });
        return;
      case "unfit":
        this.#tellNote({ result: "refused", keys, reason: outcome.reason, at });
        return;
      default:
        outcome satisfies never;
    }
  }

  #tellNote(note: ConfigNote): void {
    this.#note = note;
    this.#options.onNote(note);
  }

  /** The fields in which what it has differs from what it is to have. */
  #drift(): string[] {
    const [has, wanted] = [this.#has, this.#wanted];
    const keys = [
      ...differing(has.fields, wanted.fields),
      ...differing(has.overrides, wanted.overrides),
      ...differing(has.texts ?? {}, wanted.texts ?? {}).map(fieldOf),
      ...differing(has.variables ?? {}, wanted.variables ?? {}),
    ];
    return [...new Set(keys)];
  }
}

/** A note as the wire has it: with `declared`, and in answers. */
export function noteFields(note: ConfigNote | undefined): JsonObject {
  if (!note) return {};
  const { result, keys, reason, at } = note;
  return {
    config_change: {
      result,
      keys: [...keys],
      ...(reason === undefined ? {} : { error: reason }),
      timestamp: toWireTimestamp(at),
    },
  };
}
