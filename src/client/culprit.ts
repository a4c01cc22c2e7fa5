// Who is to blame for the status of something with parts: itself, or the worst of them.
import type { Status } from "../monitoring/status.ts";
import type { ChildInfo } from "./service-info.ts";

interface Whole {
  status: Status;
  ownStatus?: Status | undefined;
  message?: string | undefined;
  children: readonly ChildInfo[];
}

/** Why it has its status, in words: its own message, or `shutter warning: <message>` of the part at fault. */
export function explain(whole: Whole): string | undefined {
  const path: string[] = [];
  let at: Whole = whole;
  for (let part = culprit(at); part; part = culprit(at)) {
    path.push(part.name);
    at = part;
  }
  if (path.length === 0) return whole.message;
  const what = `${path.join("/")} ${at.status}`;
  return at.message === undefined ? what : `${what}: ${at.message}`;
}

/** The part whose status became that of the whole; undefined when the whole has it of its own. */
function culprit({ status, ownStatus, children }: Whole): ChildInfo | undefined {
  if (ownStatus === status) return undefined;
  const worst = children.find((child) => child.status === status);
  // A mixture that cannot be ordered is a warning: it comes from a part of which nothing is known.
  return worst ?? (status === "warning" ? children.find((child) => child.status === "unknown") : undefined);
}
