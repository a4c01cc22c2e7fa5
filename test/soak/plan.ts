// What is done in a round, and when: by the seed alone, so that it can be done again.
import type { Action } from "./actions/action.ts";
import type { Random } from "./random.ts";

export interface Step {
  /** Since the round began. */
  atMs: number;
  action: Action;
  /** For its own choices: they do not depend on what others chose. */
  random: Random;
}

/** From one step to the next, on average, milliseconds. */
const GAP_MS = 1200;

export function planRound(actions: readonly Action[], random: Random, lengthMs: number): Step[] {
  const steps: Step[] = [];
  const total = actions.reduce((sum, { weight }) => sum + weight, 0);
  for (let atMs = 0; ; ) {
    atMs += -Math.log(1 - random.next()) * GAP_MS;
    if (atMs >= lengthMs) return steps;
    steps.push({ atMs, action: choose(actions, random.next() * total), random: random.fork() });
  }
}

function choose(actions: readonly Action[], at: number): Action {
  let rest = at;
  const found = actions.find(({ weight }) => {
    rest -= weight;
    return rest < 0;
  });
  const last = found ?? actions.at(-1);
  if (!last) throw new Error("nothing can be done");
  return last;
}
