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

/** Whether `event` may come right after `previous`. A launcher that begins, or reads its file anew, declares. */
export function mayFollow(previous: string | undefined, event: string): boolean {
  return event === "declared" || (AFTER[previous ?? "declared"] ?? []).includes(event);
}
