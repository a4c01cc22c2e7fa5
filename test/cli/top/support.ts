// `tcs top` without a terminal: a fleet, keys, and what would be on the screen.

import type { TerminalSize } from "../../../src/cli/own-terminal.ts";
import type { Key } from "../../../src/cli/top/keys.ts";
import { initialState, type TopEffect, type TopInput, type TopState } from "../../../src/cli/top/state.ts";
import { update } from "../../../src/cli/top/update.ts";
import { render } from "../../../src/cli/top/view.ts";
import { FakeFleet, LAUNCHER, NOW } from "../../client/fleet.ts";

export const BROKER = "nats://127.0.0.1:4222";

export class FakeTop {
  state: TopState;
  /** What was wanted since the last look. */
  #effects: TopEffect[] = [];

  constructor(size: TerminalSize = { columns: 80, rows: 24 }, unicode = true) {
    this.state = initialState(BROKER, size, unicode, NOW);
  }

  take(input: TopInput): this {
    const { state, effects } = update(this.state, input);
    this.state = state;
    this.#effects.push(...effects);
    return this;
  }
  press(...keys: Key[]): this {
    for (const key of keys) this.take({ type: "key", key });
    return this;
  }
  /** Types a word, letter by letter. */
  type(word: string): this {
    return this.press(...word);
  }
  see(fleet: FakeFleet, sight: Partial<TopState["sight"]> = {}, now = NOW): this {
    const { services } = fleet.fold(now);
    return this.take({ type: "fleet", services, sight: { state: "live", since: NOW, notes: [], ...sight }, now });
  }

  effects(): TopEffect[] {
    return this.#effects.splice(0);
  }
  screen(color = false): string[] {
    return render(this.state, color);
  }
  /** The lines without blanks at their ends. */
  get lines(): string[] {
    return this.screen().map((line) => line.trimEnd());
  }
  get selected(): string | undefined {
    return this.state.selected?.id;
  }
  get foot(): string {
    return this.lines.at(-1) ?? "";
  }
}

/** A launcher and `count` services that are well: `n00.main`, `n01.main` ... */
export function fleetOf(count: number): FakeFleet {
  const fleet = new FakeFleet().launcher();
  for (let i = 0; i < count; i++) fleet.healthy(`n${String(i).padStart(2, "0")}.main`);
  return fleet;
}

export { LAUNCHER };
