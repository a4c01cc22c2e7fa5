// The locks by which a fleet runs once on a host.
import { countOf } from "../../common/plural.ts";
import { launcherLocks } from "../../launcher/lock.ts";
import type { HostContext } from "../check.ts";
import { type Finding, ok } from "../finding.ts";

export async function checkLocks({ env }: HostContext): Promise<Finding[]> {
  const locks = launcherLocks(env);
  const held = locks.flatMap(({ owner }) => owner ?? []);
  const stale = locks.length - held.length;
  const pids = held.map(({ pid }) => pid).join(", ");
  const text = held.length === 0 ? "none is held" : `${countOf(held.length, "fleet")} locked (pid ${pids})`;
  // No trouble: whoever runs that fleet next replaces it.
  return [
    ok(stale === 0 ? text : `${text}; ${stale} left by launchers that were killed, the next start replaces them`),
  ];
}
