// Which registry event may follow which, for one service and one launcher.

const AFTER: Record<string, readonly string[]> = {
  // What a launcher may say of a service it has just declared: it ran already, or it waits.
  declared: ["declared", "start", "stop", "failed"],
  start: ["ready", "stopping", "stop", "crashed"],
  ready: ["stopping", "stop", "crashed"],
  stopping: ["stop", "crashed"],
  stop: ["start", "stop", "restarting"],
  // An order may end the wait for a restart: a start, or a stop.
  crashed: ["restarting", "failed", "start", "stop"],
  restarting: ["start", "failed", "stop"],
  failed: ["start", "stop"],
};

/**
 * Whether `event` may come after `story`, what was told before. A launcher that begins, or reads its file anew, declares:
 * after that what runs may go on, or begin.
 */
export function mayFollow(story: readonly string[], event: string): boolean {
  if (event === "declared") return true;
  const last = story.findLast((name) => name !== "declared") ?? "declared";
  const isDeclared = story.length === 0 || story.at(-1) === "declared";
  return [last, ...(isDeclared ? ["declared"] : [])].some((before) => AFTER[before]?.includes(event));
}
