// How long a word to the broker and back takes.
import type { BrokerContext } from "../check.ts";
import { type Finding, ok, warning } from "../finding.ts";

const ROUNDS = 9;
/** Slower than this and commands that wait half a second for a launcher begin to miss answers, milliseconds. */
const SLOW_MS = 100;

export async function checkRoundTrip({ look: { connection } }: BrokerContext): Promise<Finding[]> {
  const times: number[] = [];
  // The first also pays for what was still on its way.
  await connection.flush();
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await connection.flush();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(ROUNDS / 2)] ?? 0;
  const most = times.at(-1) ?? 0;
  const text = `${median.toFixed(1)} ms (median of ${ROUNDS}, at most ${most.toFixed(1)} ms)`;
  if (median < SLOW_MS) return [ok(text)];
  return [warning(`${text}: slow`, "look at the network between this host and the broker, and at the broker's load")];
}
