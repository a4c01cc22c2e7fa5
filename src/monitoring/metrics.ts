// Metrics of one monitored object: the merged results of its callbacks, always JSON, and never too large.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { ContainedCallback, type Outcome } from "./contained.ts";

/** Returns metrics by name: any values that JSON can carry. NaN and infinities become null, "no reading". */
export type MetricCallback = () => Record<string, unknown> | Promise<Record<string, unknown>>;

/**
 * Where metrics go. `heartbeat`: everywhere, with each heartbeat too. `status`: with each status message, and on demand.
 * `stats`: only in the answer to `stats`, for what is large or takes long to find out.
 */
export type MetricTier = "heartbeat" | "status" | "stats";

export interface MetricOptions {
  /** Default: `heartbeat`. */
  tier?: MetricTier;
}

/** The most that a report of a tier carries, characters of JSON. */
const MOST_CHARACTERS: Readonly<Record<MetricTier, number>> = { heartbeat: 4_096, status: 65_536, stats: 524_288 };
const WIDTH: Readonly<Record<MetricTier, number>> = { heartbeat: 0, status: 1, stats: 2 };

interface Measured {
  data: JsonObject;
  /** Characters of its JSON. */
  size: number;
}

interface Source {
  callback: ContainedCallback<Measured>;
  tier: MetricTier;
}

const AsyncFunction = (async () => undefined).constructor;

export class Metrics {
  readonly #sources = new Set<Source>();
  readonly #tell: (text: string) => void;
  readonly #told = new Set<string>();

  /** @param tell is told what goes wrong */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  /** @param limitMs how long the callback may take @returns takes it out */
  add(callback: MetricCallback, { tier = "heartbeat" }: MetricOptions, limitMs: number): () => void {
    const source = { callback: new ContainedCallback("metric callback", callback, toJson, limitMs, this.#tell), tier };
    this.#sources.add(source);
    // Asks ahead, so that the next report has an answer.
    if (callback instanceof AsyncFunction && tier !== "stats") void source.callback.call();
    return () => void this.#sources.delete(source);
  }

  /**
   * The metrics of a report that is made now: plain callbacks are called, of asynchronous ones the last answer counts and
   * a new one is asked for.
   */
  collect(tier: "heartbeat" | "status"): JsonObject | undefined {
    const merged = this.#merge(
      tier,
      this.#of(tier).map(({ callback }) => {
        const result = callback.call();
        return { name: callback.name, outcome: result instanceof Promise ? callback.last : result };
      }),
    );
    return Object.keys(merged).length > 0 ? merged : undefined;
  }

  /** All metrics now, those of asynchronous callbacks too: waits for them, each within its limit. Never rejects. */
  async ask(): Promise<JsonObject> {
    const answers = this.#of("stats").map(async ({ callback }) => ({
      name: callback.name,
      outcome: await callback.call(),
    }));
    return this.#merge("stats", await Promise.all(answers));
  }

  #of(tier: MetricTier): Source[] {
    return [...this.#sources].filter((source) => WIDTH[source.tier] <= WIDTH[tier]);
  }

  #merge(tier: MetricTier, answers: { name: string; outcome: Outcome<Measured> | undefined }[]): JsonObject {
    const merged: JsonObject = {};
    const errors: string[] = [];
    let left = MOST_CHARACTERS[tier];
    for (const { name, outcome } of answers) {
      if (!outcome) continue;
      if (!outcome.ok) {
        errors.push(`${name}: ${outcome.fault}`);
      } else if (outcome.value.size > left) {
        errors.push(`${name}: too large`);
        this.#tellOnce(name, tier, outcome.value.size);
      } else {
        left -= outcome.value.size;
        Object.assign(merged, outcome.value.data);
      }
    }
    // A heartbeat comes again and again: why a number is missing stands in the status.
    if (errors.length > 0 && tier !== "heartbeat") merged.metric_errors = errors;
    return merged;
  }

  #tellOnce(name: string, tier: MetricTier, size: number): void {
    const what = `${name}: its metrics, ${size} characters, do not fit into a ${tier} report of ${MOST_CHARACTERS[tier]}`;
    const kind = `${name} ${tier}`;
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    const wider = { heartbeat: '; give { tier: "status" } or { tier: "stats" }', status: '; give { tier: "stats" }' };
    this.#tell(tier === "stats" ? what : what + wider[tier]);
  }
}

/** A copy as JSON will carry it. @throws Error when it cannot */
function toJson(value: unknown): Measured {
  let copy: unknown;
  let size = 0;
  try {
    const text = JSON.stringify(value) ?? "";
    size = text.length;
    copy = JSON.parse(text);
  } catch (error) {
    throw new Error(`its result is no JSON (${describeError(error)})`, { cause: error });
  }
  if (typeof copy !== "object" || copy === null || Array.isArray(copy)) throw new Error("its result is no object");
  // Parsed from JSON, and an object.
  return { data: copy as JsonObject, size };
}
