// A service whose event loop stands still: from then to `error` on the wire, and to `ok` again.
import { rowsOf, startLiveFleet } from "./live-fleet.ts";
import { times } from "./run-tcs.ts";
import { row } from "./table.ts";

const WATCHDOG_SEC = 1;

const HANGER = `import { BaseBlockingPermanentService, rpc, service } from "ocabox-tcs";

@service
export class Hanger extends BaseBlockingPermanentService {
  async runService() { while (this.isRunning) await this.sleep(1000); }
  @rpc("hang") hang() { for (;;); }
}
`;

interface HangFigures {
  /** The last sign of life to `error`, seconds. */
  seenSec: number;
  /** `error` to `ok`, milliseconds. */
  againMs: number;
}

async function measureHang(home: "process" | "worker"): Promise<HangFigures> {
  const settings = `restart: always, restart_sec: 0, watchdog_sec: ${WATCHDOG_SEC}`;
  await using fleet = await startLiveFleet(`services:\n${rowsOf("hanger", 1, settings)}`, {
    args: ["--launcher", home],
    files: { "hanger.ts": HANGER },
  });
  const id = "hanger.n0";
  await fleet.allOk(1);
  const [error, ok] = [fleet.next(id, "error"), fleet.next(id, "ok")];
  const began = performance.now();
  fleet.tell(id, "hang");
  const seen = await error;
  return { seenSec: (seen - began) / 1000, againMs: (await ok) - seen };
}

export async function hangs(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of ["process", "worker"] as const) {
    const figures = await times(runs, () => measureHang(home));
    const name = `${home} that hangs, watchdog_sec ${WATCHDOG_SEC}`;
    rows.push(
      row(
        `${name}: seen after`,
        figures.map(({ seenSec }) => seenSec),
        "s",
      ),
    );
    rows.push(
      row(
        `${name}: then ok after`,
        figures.map(({ againMs }) => againMs),
        "ms",
      ),
    );
  }
  return rows;
}
