// One run of one supervisor: all its services up, its memory, some of them killed, all of them down.
import { identifyProcess, isAlive } from "../../../src/common/process-info.ts";
import { pssKb } from "../memory.ts";
import type { Contestant, Stage } from "./contestant.ts";
import type { Reports } from "./reports.ts";

export interface Figures {
  /** From its start until the last of its services has said that it runs. */
  startMs: number;
  /** From the end of a service until the new one has said that it runs, of several. */
  restartMs: number[];
  /** From the order to stop until the last service is gone. */
  stopMs: number;
  /** The supervisor without its services, PSS; with them where it holds them itself. */
  memoryMb: number;
}

/** After the start: some restart nothing at once that has not run for a second, milliseconds. */
const SETTLE_MS = 1500;
/** Between two kills, milliseconds. */
const APART_MS = 200;
/** How often it is looked whether services are gone, milliseconds. */
const LOOK_MS = 1;
const STOP_LIMIT_MS = 60_000;

/** @param kills how many services are killed; 0: it is only started and stopped, at once */
export async function measure(contestant: Contestant, stage: Stage, reports: Reports, kills: number): Promise<Figures> {
  const count = stage.names.length;
  const start = await contestant.prepare(stage);
  reports.clear();
  const begunMs = performance.now();
  await using supervisor = start();
  let stopped = false;
  const stop = () => {
    stopped = true;
    supervisor.stop();
  };
  try {
    const running = await reports.all(count);
    const startMs = Math.max(...[...running.values()].map(({ atMs }) => atMs)) - begunMs;
    if (kills > 0) await Bun.sleep(SETTLE_MS);

    const pidHere = (pid: number) => supervisor.pidHere?.(pid) ?? pid;
    const pids = new Map([...running.values()].map(({ name, pid }) => [name, pidHere(pid)]));
    const apart = contestant.withServices ? [] : pids.values();
    const memoryMb = pssKb(supervisor.pids(new Set(apart))) / 1024;

    const end = (await supervisor.ender?.()) ?? ((name) => process.kill(pids.get(name) ?? Number.NaN, "SIGKILL"));
    const restartMs: number[] = [];
    for (let nth = 0; nth < kills; nth++) {
      await Bun.sleep(APART_MS);
      const name = stage.names[Math.floor(((nth + 0.5) * count) / kills)] ?? "";
      const next = reports.next(name);
      const killedMs = performance.now();
      end(name);
      const { pid, atMs } = await next;
      restartMs.push(atMs - killedMs);
      pids.set(name, pidHere(pid));
    }

    await Bun.sleep(APART_MS);
    const stopMs = await timeOfEnd([...new Set(pids.values())], stop);
    return { startMs, restartMs, stopMs, memoryMb };
  } finally {
    // What failed half way must not run beside the next one.
    if (!stopped) stop();
  }
}

async function timeOfEnd(pids: number[], stop: () => void): Promise<number> {
  let left = pids.flatMap((pid) => identifyProcess(pid) ?? []);
  if (left.length !== pids.length) throw new Error(`${pids.length - left.length} services have ended unasked`);
  const begunMs = performance.now();
  stop();
  for (;;) {
    left = left.filter(isAlive);
    const took = performance.now() - begunMs;
    if (left.length === 0) return took;
    if (took > STOP_LIMIT_MS) throw new Error(`${left.length} services still run ${STOP_LIMIT_MS} ms after the stop`);
    await Bun.sleep(LOOK_MS);
  }
}
