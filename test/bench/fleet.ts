// Whole fleets: start, memory, idle work, `tcs status` and stop.
import { readFileSync } from "node:fs";
import { type Home, OWN_HOMES } from "../../src/config/types.ts";
import { within } from "../support/wait.ts";
import { rowsOf, startLiveFleet } from "./live-fleet.ts";
import { privateKb, pssKb } from "./memory.ts";
import { times, timeTcs } from "./run-tcs.ts";
import { median, row } from "./table.ts";

interface FleetFigures {
  okMs: number;
  stopMs: number;
  launcherMb: number;
  totalMb: number;
  privateMb: number;
  forced: number;
  statusMs: number;
  /** Work of the launcher's process while nothing happens, percent of one processor. */
  idlePercent: number;
}

/** How long a fleet rests before it is looked at: start-up garbage has been given back by then, milliseconds. */
const SETTLE_MS = { small: 1000, large: 5000 };
/** How long the work of a resting fleet is watched, milliseconds: as long as two greetings of each service. */
const IDLE_MS = 10_000;

/** A fleet of `count` hello_world services, from the start of `tcs run` to its end. */
async function measureFleet(home: Home, count: number, size: keyof typeof SETTLE_MS): Promise<FleetFigures> {
  await using fleet = await startLiveFleet(`services:\n${rowsOf("hello_world", count)}`, {
    args: ["--launcher", home],
  });
  const { tcs } = fleet;
  const okMs = (await fleet.allOk(count)) - fleet.begunMs;
  await Bun.sleep(SETTLE_MS[size]);
  const idlePercent = size === "large" ? await workPercent(tcs.pid) : 0;
  const launcherMb = pssKb([tcs.pid]) / 1024;
  const processes = [tcs.pid, ...childrenOf(tcs.pid)];
  const totalMb = pssKb(processes) / 1024;
  const privateMb = privateKb([tcs.pid]) / 1024;
  const statusMs = await timeTcs(["status", "--port", String(fleet.port)]);
  const stopping = performance.now();
  tcs.signal("SIGTERM");
  await within("the end", tcs.exited);
  const stopMs = performance.now() - stopping;
  await fleet.connection.flush();
  const forced = fleet.count("force_killed");
  return { okMs, stopMs, launcherMb, totalMb, privateMb, forced, statusMs, idlePercent };
}

function childrenOf(pid: number): number[] {
  const { stdout } = Bun.spawnSync(["ps", "-o", "pid=", "--ppid", String(pid)]);
  return stdout.toString().split(/\s+/).filter(Boolean).map(Number);
}

async function workPercent(pid: number): Promise<number> {
  const before = cpuTimeMs(pid);
  await Bun.sleep(IDLE_MS);
  return ((cpuTimeMs(pid) - before) / IDLE_MS) * 100;
}

/** User and system time of a process, its threads included. */
function cpuTimeMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function fleetRows(home: Home, count: number, runs: number, size: keyof typeof SETTLE_MS) {
  const figures = await times(runs, () => measureFleet(home, count, size));
  const name = `${count} ${home}`;
  const of = (key: keyof FleetFigures) => figures.map((f) => f[key]);
  const rows = [
    row(`${name}: tcs run to all ok`, of("okMs"), "ms"),
    row(`${name}: stop`, of("stopMs"), "ms"),
    row(`${name}: force-killed`, of("forced"), ""),
    row(`${name}: memory in all (PSS)`, of("totalMb"), "MB"),
    row(`${name}: memory of the launcher (PSS)`, of("launcherMb"), "MB"),
    row(`${name}: of it its own (private)`, of("privateMb"), "MB"),
    row(`${name}: tcs status, whole process`, of("statusMs"), "ms"),
  ];
  if (size === "large") rows.push(row(`${name}: launcher when idle`, of("idlePercent"), "% CPU"));
  return { rows, totalMb: median(of("totalMb")) };
}

/** 1, 10 and 50 services in each home. */
export async function fleets(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of OWN_HOMES) {
    const totals = new Map<number, number>();
    for (const count of [1, 10, 50]) {
      const measured = await fleetRows(home, count, runs, "small");
      rows.push(...measured.rows);
      totals.set(count, measured.totalMb);
    }
    // What one more costs: the launcher itself, and what is loaded once, drop out.
    const each = ((totals.get(50) ?? 0) - (totals.get(10) ?? 0)) / 40;
    rows.push(row(`${home}: memory of one more service (from 10 to 50)`, [each], "MB"));
  }
  return rows;
}

/** More services in one launcher than anybody has. */
export async function large(runs: number): Promise<string[][]> {
  const inline = await fleetRows("inline", 1000, runs, "large");
  const worker = await fleetRows("worker", 200, runs, "large");
  return [...inline.rows, ...worker.rows];
}
