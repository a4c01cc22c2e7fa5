// Looks into modules in throw-away Workers, each file in one of its own: what one does at its top level reaches no other.
import type { DescribeResult, ModuleToDescribe } from "../../host/describe.ts";
import type { StartHost } from "../homes/home.ts";

/** How long a module may take to load, milliseconds. */
const LIMIT_MS = 3000;
/** Side by side: a Worker is mostly waiting for the disk. */
const AT_ONCE = 4;

/** One result for each of `modules`, in their order. Never rejects. */
export async function describeInWorkers(
  modules: readonly ModuleToDescribe[],
  startWorker: StartHost,
): Promise<DescribeResult[]> {
  const results: DescribeResult[] = [];
  const jobs = groups(modules);
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const found = await describeTogether(job.modules, startWorker);
      for (const [i, result] of found.entries()) results[job.first + i] = result;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** What is in this program needs no Worker of its own. */
function groups(modules: readonly ModuleToDescribe[]): { first: number; modules: readonly ModuleToDescribe[] }[] {
  const jobs: { first: number; modules: ModuleToDescribe[] }[] = [];
  for (const [i, one] of modules.entries()) {
    const last = jobs.at(-1);
    if (one.module.kind === "builtin" && last?.modules[0]?.module.kind === "builtin") last.modules.push(one);
    else jobs.push({ first: i, modules: [one] });
  }
  return jobs;
}

async function describeTogether(
  modules: readonly ModuleToDescribe[],
  startWorker: StartHost,
): Promise<readonly DescribeResult[]> {
  const { promise, resolve } = Promise.withResolvers<readonly DescribeResult[]>();
  const giveUp = (error: string) => resolve(modules.map(() => ({ ok: false, error })));
  const host = startWorker({
    name: "services",
    settings: { shared: true },
    onMessage: (message) => {
      if (message.kind === "described") resolve(message.results);
    },
  });
  const timer = setTimeout(() => giveUp(`it is not loaded after ${LIMIT_MS / 1000} s`), LIMIT_MS);
  void host.ended.then(({ error, code }) => giveUp(`its top level ended the thread (${error ?? `code ${code}`})`));
  host.send({ kind: "describe", modules: [...modules] });
  const results = await promise;
  clearTimeout(timer);
  host.kill();
  return results;
}
