// The short form of a soak: minutes instead of an hour, behind everything else that runs. docs/reliability.md tells the long one.
import { expect, test } from "bun:test";
import { join } from "node:path";

/** A busy machine takes longer to come to rest after each round. */
const LIMIT_MS = 15 * 60_000;
const MINUTES = Number(process.env.TCS_SOAK_MINUTES ?? (process.env.CI ? 3 : 1));

test(
  `a fleet of sixty services keeps its promises over ${MINUTES} min of faults`,
  async () => {
    const words = ["nice", "-n", "10", process.execPath, join(import.meta.dir, "run.ts"), "--minutes", String(MINUTES)];
    const soak = Bun.spawn(words, { stdio: ["ignore", "pipe", "pipe"] });
    const [report, said, code] = await Promise.all([soak.stdout.text(), soak.stderr.text(), soak.exited]);
    // The seed, and where its journal is, stand in what it said.
    if (code !== 0) throw new Error(`${said}\n${report}`);
    expect(report).toContain("60 services");
    expect(report).toContain("**0 violations**");
  },
  LIMIT_MS,
);
