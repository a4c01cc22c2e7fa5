// From the end of a service to `ok` again on the wire, beside the start of a bare process and of a service run by hand.
import { spawnTcs, tcsBinary } from "../support/binary.ts";
import { type LiveFleet, rowsOf, startLiveFleet } from "./live-fleet.ts";
import { ratioRow, row } from "./table.ts";

/** Longer than the pause between two restarts in a row, so that each is measured alone, milliseconds. */
const APART_MS = 150;

const MORTAL = `import { BaseBlockingPermanentService, rpc, service } from "ocabox-tcs";

@service
export class Mortal extends BaseBlockingPermanentService {
  async runService() { while (this.isRunning) await this.sleep(1000); }
  @rpc("die") die() { process.exit(7); }
}
`;

interface RestartFigures {
  /** The end of the service to `ok`, milliseconds. */
  restartMs: number[];
  /** Start of a bare host process of the same binary to its first word, milliseconds. */
  bareHostMs: number[];
  /** Start of `tcs service hello_world` to its connection and its `ok`, milliseconds. */
  byHandMs: number[];
}

/** @param count services that run; one of them is ended again and again */
async function measureRestart(home: "process" | "worker", count: number, times: number): Promise<RestartFigures> {
  const type = home === "process" ? "hello_world" : "mortal";
  await using fleet = await startLiveFleet(`services:\n${rowsOf(type, count, "restart: always, restart_sec: 0")}`, {
    args: ["--launcher", home],
    files: { "mortal.ts": MORTAL },
  });
  await fleet.allOk(count);
  const figures: RestartFigures = { restartMs: [], bareHostMs: [], byHandMs: [] };
  for (let i = 0; i < times; i++) {
    await Bun.sleep(APART_MS);
    const id = `${type}.n${i % count}`;
    const ok = fleet.next(id, "ok");
    const began = performance.now();
    if (home === "process") process.kill(fleet.pidOf(id), "SIGKILL");
    else fleet.tell(id, "die");
    figures.restartMs.push((await ok) - began);
    figures.bareHostMs.push(await bareHost());
    figures.byHandMs.push(await byHand(fleet));
  }
  return figures;
}

async function bareHost(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const began = performance.now();
  const child = Bun.spawn([tcsBinary(), "__host", "bare"], {
    stdio: ["ignore", "ignore", "ignore"],
    serialization: "json",
    ipc: () => resolve(),
  });
  child.send({ kind: "settings", settings: { shared: false } });
  await promise;
  const took = performance.now() - began;
  child.kill("SIGKILL");
  await child.exited;
  return took;
}

async function byHand({ next, port }: LiveFleet): Promise<number> {
  const ok = next("hello_world.main", "ok");
  const began = performance.now();
  await using tcs = spawnTcs(["service", "hello_world", "--port", String(port)]);
  const took = (await ok) - began;
  tcs.signal("SIGKILL");
  return took;
}

/** The end of one service, with 1, 10 and 50 of them. */
export async function restarts(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of ["process", "worker"] as const) {
    const end = home === "process" ? "SIGKILL" : "process.exit(7)";
    for (const count of [1, 10, 50]) {
      const { restartMs, bareHostMs, byHandMs } = await measureRestart(home, count, runs * TIMES_PER_RUN);
      const name = `${count} ${home}: ${end} to ok again`;
      rows.push(row(name, restartMs, "ms"));
      rows.push(ratioRow(`${name} / bare host process`, restartMs, bareHostMs));
      rows.push(ratioRow(`${name} / tcs service to ok`, restartMs, byHandMs));
    }
  }
  return rows;
}

const TIMES_PER_RUN = 5;
