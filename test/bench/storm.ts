// Fifty services in a crash loop: do commands still answer?
import { type Home, OWN_HOMES } from "../../src/config/types.ts";
import { rowsOf, startLiveFleet } from "./live-fleet.ts";
import { times, timeTcs } from "./run-tcs.ts";
import { ratioRow, row } from "./table.ts";

const COUNT = 50;
/** After the rush of the first crashes, milliseconds. */
const SETTLE_MS = 2000;

const CRASHER = `import { BaseBlockingPermanentService, service } from "ocabox-tcs";

@service
export class Crasher extends BaseBlockingPermanentService {
  async runService() { throw new Error("boom"); }
}
`;

interface CommandFigures {
  statusMs: number;
  /** `tcs stop` of a service that is well. */
  stopMs: number;
  /** `tcs stop` of one of the others. */
  stopOtherMs: number;
  startsPerSecond: number;
}

/** @param type `crasher`, or `hello_world` for the same fleet at rest */
async function measureCommands(
  home: Home,
  type: "crasher" | "hello_world",
  restartSec: number,
): Promise<CommandFigures> {
  const others = rowsOf(type, COUNT, `restart: always, restart_sec: ${restartSec}`);
  await using fleet = await startLiveFleet(`services:\n  - {type: hello_world, variant: well}\n${others}`, {
    args: ["--launcher", home],
    files: { "crasher.ts": CRASHER },
  });
  await fleet.allOk(1);
  await Bun.sleep(SETTLE_MS);
  const starts = fleet.count("start");
  const began = performance.now();
  const tcs = (...args: string[]) => timeTcs([...args, "--port", String(fleet.port)], { cwd: fleet.folder });
  const statusMs = await tcs("status");
  const stopMs = await tcs("stop", "hello_world.well");
  const stopOtherMs = await tcs("stop", `${type}.n0`);
  const startsPerSecond = ((fleet.count("start") - starts) * 1000) / (performance.now() - began);
  return { statusMs, stopMs, stopOtherMs, startsPerSecond };
}

export async function storms(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of OWN_HOMES) {
    // In turn, so that whatever else the machine does falls on all alike.
    const rounds = await times(runs, async () => ({
      rest: await measureCommands(home, "hello_world", 0),
      0: await measureCommands(home, "crasher", 0),
      0.1: await measureCommands(home, "crasher", 0.1),
    }));
    const of = (which: keyof (typeof rounds)[number], key: keyof CommandFigures) =>
      rounds.map((round) => round[which][key]);
    rows.push(row(`${COUNT} ${home} at rest: tcs status`, of("rest", "statusMs"), "ms"));
    rows.push(row(`${COUNT} ${home} at rest: tcs stop`, of("rest", "stopMs"), "ms"));
    for (const restartSec of [0, 0.1] as const) {
      const name = `${COUNT} ${home} crashing, restart_sec ${restartSec}`;
      rows.push(row(`${name}: starts in a second`, of(restartSec, "startsPerSecond"), ""));
      for (const [what, key] of [
        ["tcs status", "statusMs"],
        ["tcs stop of one that is well", "stopMs"],
        ["tcs stop of one that crashes", "stopOtherMs"],
      ] as const) {
        rows.push(row(`${name}: ${what}`, of(restartSec, key), "ms"));
        rows.push(ratioRow(`${name}: ${what} / at rest`, of(restartSec, key), of("rest", key)));
      }
    }
  }
  return rows;
}
