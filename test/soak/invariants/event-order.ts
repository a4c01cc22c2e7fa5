// Which registry event may follow which, for one service and one launcher.

const AFTER: Record<string, readonly string[]> = {
  // What a launcher may say of a service it has just declared: it ran already, or it waits.
  declared: ["declared", "start", "stop", "stopping", "failed"],
  start: ["ready", "stopping", "stop", "crashed"],
  ready: ["stopping", "stop", "crashed"],
  stopping: ["stop", "crashed"],
  stop: ["start", "stop", "restarting"],
  // An order may end the wait for a restart: a start, or a stop.
  crashed: ["restarting", "failed", "start", "stopping", "stop"],
  restarting: ["start", "failed", "stopping", "stop"],
  failed: ["start", "stop"],
};

const RUNS: ReadonlySet<string> = new Set(["start", "ready", "stopping"]);

/**
 * Whether `event` may come after `story`, what was told before. A launcher that begins, or reads its file anew, declares:
 * after that what runs may go on, or begin.
 */
export function mayFollow(story: readonly string[], event: string): boolean {
  if (event === "declared") return true;
  const last = story.findLast((name) => name !== "declared") ?? "declared";
  // A stop that came while its host was still starting: that one is told, and then its end.
  if (last === "stopping" && event === "start") return !RUNS.has(story[story.lastIndexOf("stopping") - 1] ?? "");
  const isDeclared = story.length === 0 || story.at(-1) === "declared";
  return [last, ...(isDeclared ? ["declared"] : [])].some((before) => AFTER[before]?.includes(event));
}
