// Loads services' files in throw-away Workers: a file that hangs, or ends the thread, is left out and holds up nobody for long.
import { basename } from "node:path";
import type { Env } from "../config/expand.ts";
import type { CheckResult, ServiceSpec } from "../host/protocol.ts";
import type { StartHost } from "./homes/home.ts";

export interface CheckWorkerOptions {
  startWorker: StartHost;
  /** How long nothing may be heard of any file before one is given up, milliseconds. */
  silenceMs: number;
  /** Hears texts that must not be shown. */
  onSecrets?: ((values: readonly string[]) => void) | undefined;
  /** The environment that the services will have; default: as this process has it. */
  env?: Env;
  /** Ask what there is to know of the configurations, too. */
  describe?: boolean;
}

/** So many silences there may be, one after the other; then what is left is given up. A busy machine makes none. */
const MOST_SILENCES = 5;
const LOOK_MS = 50;
/** Our own loop stood still when it looks so late, milliseconds. */
const LATE_MS = 500;

/** One result for each of `specs`. Never rejects. */
export async function checkInWorkers(
  specs: readonly ServiceSpec[],
  options: CheckWorkerOptions,
): Promise<CheckResult[]> {
  const results = new Map<string, CheckResult>();
  const silences = { count: 0 };
  const isOpen = ({ id }: ServiceSpec) => !results.has(id);
  for (let left = specs; left.length > 0; left = left.filter(isOpen)) {
    const { suspects, why } = await checkRound(left, options, results, silences);
    await findCulprit(suspects, options, results, silences);
    if (silences.count < MOST_SILENCES && !left.every(isOpen)) continue;
    const warning = `could not be checked: ${why ?? "it takes too long"}`;
    for (const { id } of left.filter(isOpen)) results.set(id, { id, warning });
  }
  return [...results.values()];
}

/** How often nothing was heard for too long. */
interface Silences {
  count: number;
}

/** The services of one file. */
type Group = readonly ServiceSpec[];

interface RoundEnd {
  /** Why it ended before everything was told. */
  why?: string;
  /** Files that were being loaded side by side when one of them ended it. */
  suspects: readonly Group[];
}

/** Each alone, until one of them is given up: the others may be innocent. */
async function findCulprit(
  suspects: readonly Group[],
  options: CheckWorkerOptions,
  results: Map<string, CheckResult>,
  silences: Silences,
): Promise<void> {
  for (const group of suspects) {
    const { why } = await checkRound(group, options, results, silences);
    if (why !== undefined) return;
  }
}

/** Adds to `results` what one Worker tells, until all is told or it has to be ended. */
async function checkRound(
  specs: readonly ServiceSpec[],
  { startWorker, silenceMs, onSecrets, env, describe = false }: CheckWorkerOptions,
  results: Map<string, CheckResult>,
  silences: Silences,
): Promise<RoundEnd> {
  const { promise: over, resolve } = Promise.withResolvers<RoundEnd>();
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  let loading: Group[] = [];
  let heardAt = performance.now();
  let movedAt = heardAt;
  let lookedAt = heardAt;
  let isOver = false;
  const settle = (found: readonly CheckResult[]) => {
    for (const result of found) results.set(result.id, result);
    loading = loading.filter((group) => group.some(({ id }) => !results.has(id)));
    if (specs.every(({ id }) => results.has(id))) resolve({ suspects: [] });
  };
  const giveUp = (group: Group, why: string) => {
    const module = group[0]?.module;
    const file = module?.kind === "file" ? `${basename(module.path)} ` : "";
    settle(group.map(({ id }) => ({ id, warning: `${file}${why}: its configuration is not checked` })));
  };
  /** It cannot go on: because of the only file that is being loaded, or of one of them. */
  const stop = (why: string, what: string) => {
    const [only, ...others] = loading;
    resolve({ why, suspects: others.length > 0 ? loading : [] });
    if (only && others.length === 0) giveUp(only, what);
  };
  const host = startWorker({
    name: "check",
    settings: { shared: true },
    ...(env ? { env } : {}),
    onMessage: (message) => {
      if (message.kind === "checking") loading.push(message.ids.flatMap((id) => byId.get(id) ?? []));
      else if (message.kind === "checked") settle(message.results);
      else if (message.kind === "secrets") onSecrets?.(message.values);
      // What else it says is the files' own: one that loops for ever may talk all the time.
      const moves = message.kind === "checking" || message.kind === "checked";
      if (moves || message.kind === "alive") heardAt = performance.now();
      if (moves) movedAt = heardAt;
    },
  });
  void host.ended.then(({ error = "it ended the thread" }) => {
    if (!isOver) stop(error, `cannot be loaded (${error})`);
  });
  const seconds = `${silenceMs / 1000} s`;
  const look = setInterval(() => {
    const now = performance.now();
    // What was said while our own loop stood still is heard only now.
    if (now - lookedAt > LATE_MS) heardAt = movedAt = now;
    lookedAt = now;
    const isStill = now - heardAt > silenceMs || (now - movedAt > silenceMs && loading.length === 0);
    const areSlow = !isStill && heardAt - movedAt > silenceMs && loading.length > 0;
    if (isStill || areSlow) silences.count += 1;
    if (isStill) stop(`no answer within ${seconds}`, `stands still for ${seconds} when it is loaded`);
    else if (areSlow) {
      // Its loop turned when the time was over: each of them waits for something. What turned before may hang by now.
      for (const group of loading) giveUp(group, `takes more than ${seconds} to load`);
    }
  }, LOOK_MS);
  host.send({ kind: "check", specs: [...specs], describe });
  const end = await over;
  isOver = true;
  clearInterval(look);
  host.kill();
  return end;
}
