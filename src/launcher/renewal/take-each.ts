// How a successor takes the services over: one by one, each waited for until it is as well as it was.
import type { JsonObject } from "../../common/json.ts";
import type { OwnerInfo } from "../ownership/index.ts";
import type { Possession } from "../possession.ts";
import type { ServiceRunner } from "../service-runner.ts";
import type { RenewalProgress } from "./messages.ts";
import { RenewalError } from "./renewal-error.ts";
import type { Predecessor } from "./succession.ts";

export interface TakeEachOptions {
  predecessor: Predecessor;
  possession: Pick<Possession, "claim">;
  ownerOf: (id: string) => Promise<OwnerInfo | undefined>;
  /** The predecessor's answer to `list`. */
  before: JsonObject;
  /** Resolves when the service runs, has ended, or waits for others. */
  settled: (runner: ServiceRunner) => Promise<void>;
  onProgress: (progress: RenewalProgress) => void;
}

/** How long a service may take to be given away and to start, milliseconds. */
const MOVE_LIMIT_MS = 120_000;
/** How long one that runs may take to be well, milliseconds. */
const WELL_LIMIT_MS = 10_000;
const LOOK_MS = 20;

const WELL = ["ok", "idle", "busy", "degraded", "warning"];

/**
 * Takes each service over from the predecessor, in the order in which they may start. What others have, or nobody, is
 * claimed as ever.
 * @throws RenewalError at the first that is not well here and was before
 */
export async function takeEach(runners: readonly ServiceRunner[], options: TakeEachOptions): Promise<void> {
  const { predecessor, possession, ownerOf, settled, onProgress } = options;
  const ran = running(options.before);
  for (const runner of runners) runner.elsewhere = { message: "Its launcher is being renewed", waits: true };
  for (const [done, runner] of inStartOrder(runners).entries()) {
    onProgress({ service: runner.id, done, of: runners.length });
    const owner = await ownerOf(runner.id);
    const isTheirs = owner?.pid === predecessor.pid && owner.launcher === predecessor.launcher;
    await possession.claim([runner], { takeover: isTheirs });
    if (!isTheirs && !ran.has(runner.id)) continue;
    // Its stop may take long: then it comes by itself.
    await until(() => !runner.elsewhere?.waits, MOVE_LIMIT_MS);
    if (runner.elsewhere) throw new RenewalError(`${runner.id} was not given away: ${runner.elsewhere.message}`);
    if (!ran.has(runner.id) || runner.heldBy) continue;
    let isSettled = false;
    void settled(runner).then(() => {
      isSettled = true;
    });
    // Looked for, not waited for with a timer: that would hold the process when the renewal is given up.
    await until(() => isSettled, MOVE_LIMIT_MS);
    await until(() => isWell(runner) || runner.state !== "running", WELL_LIMIT_MS);
    refuseUnwell(runner);
  }
  // What has crashed since is no better than what did not start.
  for (const runner of runners) if (ran.has(runner.id) && !runner.heldBy && !runner.elsewhere) refuseUnwell(runner);
}

/** Those that ran, and were well: of the others nothing better is expected. */
function running({ services }: JsonObject): Set<string> {
  const entries = Array.isArray(services) ? services : [];
  return new Set(
    entries.flatMap((entry) => {
      if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
      const { service_id: id, state, status } = entry;
      return typeof id === "string" && state === "running" && WELL.includes(String(status)) ? [id] : [];
    }),
  );
}

function refuseUnwell(runner: ServiceRunner): void {
  if (isWell(runner)) return;
  const { status, message } = runner.status;
  const how = runner.state === "running" ? status : runner.state;
  throw new RenewalError(`${runner.id} is ${how} in the new version: ${runner.lastExit?.error ?? message ?? status}`);
}

/** Running well, or done with what it had to do. */
function isWell(runner: ServiceRunner): boolean {
  if (runner.state === "ended") return runner.lastExit === undefined || runner.lastExit.code === 0;
  return runner.state === "running" ? WELL.includes(runner.status.status) : runner.state === "idle";
}

/** Each after those that it comes after. */
function inStartOrder(runners: readonly ServiceRunner[]): ServiceRunner[] {
  const byId = new Map(runners.map((runner) => [runner.id, runner]));
  const ordered = new Set<ServiceRunner>();
  const place = (runner: ServiceRunner) => {
    // The configuration refuses circles, so this ends.
    for (const id of runner.row.after) {
      const before = byId.get(id);
      if (before && !ordered.has(before)) place(before);
    }
    ordered.add(runner);
  };
  for (const runner of runners) place(runner);
  return [...ordered];
}

async function until(isSo: () => boolean, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isSo() && performance.now() < deadline) await Bun.sleep(LOOK_MS);
}
