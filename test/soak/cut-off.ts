// When each launcher could not reach the broker: only then may what it runs be run by another too (docs/ownership.md).
import { LEASE_SEC } from "./fleet/files.ts";

export interface CutOff {
  from: number;
  /** Absent while it lasts. */
  until?: number;
  /** Its launcher began in that time, and so never heard who has what. */
  hasBegunInside: boolean;
}

/** A holder stops believing in its lease after 90 % of it, and a standby looks every second. */
const LONG_MS = LEASE_SEC * 1000 * 0.8;

export class CutOffs {
  readonly #intervals = new Map<string, CutOff[]>();
  readonly #reasons = new Map<string, number>();

  /** @returns the end of it; several may go on at once */
  begin(launchers: readonly string[]): Disposable {
    for (const name of launchers) {
      const reasons = this.#reasons.get(name) ?? 0;
      this.#reasons.set(name, reasons + 1);
      if (reasons === 0) this.of(name).push({ from: Date.now(), hasBegunInside: false });
    }
    return {
      [Symbol.dispose]: () => {
        for (const name of launchers) {
          const reasons = (this.#reasons.get(name) ?? 1) - 1;
          this.#reasons.set(name, reasons);
          const last = this.of(name).at(-1);
          if (reasons === 0 && last) last.until = Date.now();
        }
      },
    };
  }

  launcherBegins(name: string): void {
    const last = this.of(name).at(-1);
    if (last && last.until === undefined) last.hasBegunInside = true;
  }

  of(name: string): CutOff[] {
    const known = this.#intervals.get(name) ?? [];
    this.#intervals.set(name, known);
    return known;
  }

  /** Whether two hosts may both have run a service from `from` to `until`. @param yieldMs to be told, and to stop it */
  explain(hosts: readonly string[], from: number, until: number, yieldMs: number): boolean {
    return hosts.some((name) =>
      joined(this.of(name), yieldMs).some((cut) => {
        const end = cut.until ?? Date.now();
        const wasLong = cut.hasBegunInside || end - cut.from >= LONG_MS;
        return wasLong && from >= cut.from && until <= end + yieldMs;
      }),
    );
  }
}

/** One after the other, with too little time between them to be told and to stop, are one. */
function joined(cuts: readonly CutOff[], yieldMs: number): CutOff[] {
  const whole: CutOff[] = [];
  for (const cut of cuts) {
    const last = whole.at(-1);
    if (last?.until === undefined || cut.from - last.until > yieldMs) {
      whole.push({ ...cut });
      continue;
    }
    last.hasBegunInside ||= cut.hasBegunInside;
    if (cut.until === undefined) delete last.until;
    else last.until = cut.until;
  }
  return whole;
}
