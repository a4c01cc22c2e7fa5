// What `tcs status` shows is true within the heartbeat limit, whatever was done: compared with what really runs.
import type { Disturbances } from "../disturbances.ts";
import type { Row } from "../fleet/rows.ts";
import type { Journal } from "../journal.ts";
import type { Shown } from "../operator.ts";
import type { Witness } from "../witness.ts";
import type { Invariant, Stretch } from "./invariant.ts";

/** A heartbeat is alive for 30 s; one look more. */
const LIMIT_MS = 35_000;

export interface StatusOptions {
  rows: readonly Row[];
  /** Undefined while nobody can answer. */
  read: () => Promise<readonly Shown[] | undefined>;
  witness: Pick<Witness, "living" | "livesOf">;
  disturbances: Pick<Disturbances, "calmMs">;
  stretch: Stretch;
  journal: Pick<Journal, "violation" | "note">;
}

const HEALTHY = ["ok", "warning"];

export class TrueStatus implements Invariant {
  readonly name = "true status";
  readonly #options: StatusOptions;
  /** Since when each is shown otherwise than it is. */
  readonly #wrongSince = new Map<string, { since: number; what: string }>();
  /** How long each untruth was shown, milliseconds. */
  readonly wrongMs: number[] = [];
  looks = 0;

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const shown = await this.#options.read();
    if (!shown) return;
    this.looks++;
    const now = Date.now();
    const byId = new Map(shown.map((one) => [one.service_id, one]));
    for (const row of this.#options.rows) this.#judge(row, byId.get(row.id), now);
  }

  #judge(row: Row, shown: Shown | undefined, now: number): void {
    const wrong = this.#untruth(row, shown, now);
    const before = this.#wrongSince.get(row.id);
    if (before && before.what !== wrong) {
      this.wrongMs.push(now - before.since);
      this.#wrongSince.delete(row.id);
    }
    if (!wrong) return;
    const since = this.#wrongSince.get(row.id)?.since ?? now;
    this.#wrongSince.set(row.id, { since, what: wrong });
    if (now - since <= this.#options.stretch(LIMIT_MS)) return;
    const said = shown ? `${shown.status}, ${shown.health}: ${shown.reason ?? ""}` : "not at all";
    const { journal } = this.#options;
    journal.violation(
      this.name,
      `${row.id} ${since}`,
      `${row.id} ${wrong} for ${((now - since) / 1000).toFixed(0)} s (${said})`,
    );
  }

  /** What is not as it is shown; empty if all is. */
  #untruth(row: Row, shown: Shown | undefined, now: number): string {
    const living = this.#options.witness.living(row.id, this.#options.stretch(ALIVE_MS));
    // Who is shown as stale is shown to be in doubt: that is no promise that it runs.
    const isShownWell = shown?.running === true && HEALTHY.includes(shown.health) && shown.status !== "stale";
    if (isShownWell && !living) return "is shown to run, and does not";
    if (!living || now - living.from < ALIVE_MS) return "";
    // Who cannot be heard cannot be shown as it is.
    const scopes = ["broker", ...row.launchers.flatMap((name) => [`link ${name}`, `launcher ${name}`])];
    if (this.#options.disturbances.calmMs(scopes, now) === 0) return "";
    if (!isShownWell && row.kind !== "periodic") return "runs, and is not shown to";
    return shown?.running && shown.pid !== living.pid ? `is process ${living.pid}, and shown as ${shown.pid}` : "";
  }
}

/** After so long without a word nothing lives, milliseconds. */
const ALIVE_MS = 2000;
