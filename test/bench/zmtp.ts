// ZeroMQ: our sockets beside pyzmq's, each between two processes: messages in a second, and the time of a request.
// Usage: bun test/bench/zmtp.ts [--runs 5]
import { parseArgs } from "node:util";
import { ratioRow, row, table } from "./table.ts";
import { type Maker, measurePair } from "./zmtp/pair.ts";

const PATTERNS: [string, string][] = [
  ["PUB", "SUB"],
  ["PUSH", "PULL"],
];
/** Sizes, and how many of them make a second or so. */
const LOADS = [
  { size: 100, count: 1_000_000 },
  { size: 10_000, count: 100_000 },
];
const REQUESTS = 10_000;

export async function zmtp(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const roles of PATTERNS) for (const load of LOADS) rows.push(...(await throughput(roles, load, runs)));
  rows.push(...(await latency(runs)));
  return rows;
}

async function throughput(roles: [string, string], { size, count }: { size: number; count: number }, runs: number) {
  const rate = async (maker: Maker) => count / Number(await measurePair(maker, roles, size, count)) / 1000;
  const { ours, pyzmq } = await sideBySide(rate, runs);
  const what = `${roles.join("/")}, ${size} B`;
  return [
    row(`${what}: ours`, ours, "thousand/s"),
    row(`${what}: pyzmq`, pyzmq, "thousand/s"),
    ratioRow(`${what}: ours to pyzmq`, ours, pyzmq),
  ];
}

async function latency(runs: number): Promise<string[][]> {
  // As peer.ts and peer.py say it.
  const times = async (maker: Maker) => (await measurePair(maker, ["REP", "REQ"], 100, REQUESTS)) as number[];
  const { ours, pyzmq } = await sideBySide(times, runs);
  return [0.5, 0.99].flatMap((share) => {
    const what = `REQ/REP, 100 B, p${share * 100}`;
    const at = (all: number[][]) =>
      all.map((one) => one.toSorted((a, b) => a - b)[Math.floor(one.length * share)] ?? 0);
    return [
      row(`${what}: ours`, at(ours), "µs"),
      row(`${what}: pyzmq`, at(pyzmq), "µs"),
      ratioRow(`${what}: ours to pyzmq`, at(ours), at(pyzmq)),
    ];
  });
}

/** One after the other in turns, so that what else the machine does meets both. */
async function sideBySide<T>(measure: (maker: Maker) => Promise<T>, runs: number): Promise<Record<Maker, T[]>> {
  const figures: Record<Maker, T[]> = { ours: [], pyzmq: [] };
  for (let i = 0; i < runs; i++) {
    figures.ours.push(await measure("ours"));
    figures.pyzmq.push(await measure("pyzmq"));
  }
  return figures;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { runs: { type: "string" } } });
  process.stdout.write(table(["measure", "median", "min", "max", ""], await zmtp(Number(values.runs) || 5)));
}
