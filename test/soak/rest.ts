// When nothing is disturbed any more: every service that is to run does, is heard, and is shown to.
import { isPermanent, LAUNCHERS, type Row } from "./fleet/rows.ts";
import type { Shown } from "./operator.ts";
import type { World } from "./world.ts";

const LOOK_MS = 1000;
/** Then each must have been started anew, or never. */
const ORDER_LIMIT_SEC = 30;

/** Waits for it, and tells the journal what does not come. @param when in words */
export async function comesToRest(world: World, limitMs: number, when: string): Promise<void> {
  const { journal, desired, rows } = world;
  const deadline = performance.now() + limitMs;
  // Where the disk was full, or the broker away, a file that was changed has not been taken.
  const unread = new Set<string>(LAUNCHERS);
  for (;;) {
    for (const name of unread) {
      const { code, said } = await world.operator.order("reload", name);
      if (code === 0) unread.delete(name);
      else journal.note(`reload of ${name} again: ${code} ${said}`);
    }
    if (unread.size === 0 || performance.now() > deadline) break;
    await Bun.sleep(LOOK_MS);
  }
  // An order nobody could answer is given again.
  for (;;) {
    const unsure = rows.filter(({ id }) => desired.of(id).want !== "run").map(({ id }) => id);
    if (unsure.length === 0) break;
    const { code, said } = await world.operator.order("start", ...unsure, "--timeout", String(ORDER_LIMIT_SEC));
    if (code === 0) for (const id of unsure) desired.set(id, "run");
    if (code === 0 || performance.now() > deadline) break;
    journal.note(`start of ${unsure.join(", ")} again: ${code} ${said}`);
    await Bun.sleep(LOOK_MS);
  }
  let missing: string[];
  let before = "";
  do {
    missing = notWell(world, (await world.operator.status()) ?? []);
    if (missing.length === 0) return journal.note(`all is well ${when}`);
    const ids = missing.map((what) => what.split(" ")[0]).join(", ");
    if (ids !== before) journal.note(`not well yet: ${missing.join("; ")}`);
    before = ids;
    await Bun.sleep(LOOK_MS);
  } while (performance.now() < deadline);
  journal.violation(
    "all is well again",
    when,
    `${when}, not within ${Math.round(limitMs / 1000)} s: ${missing.join("; ")}`,
  );
}

function notWell(world: World, shown: readonly Shown[]): string[] {
  const byId = new Map(shown.map((one) => [one.service_id, one]));
  return world.rows.filter(isPermanent).flatMap(({ id }: Row) => {
    const instance = world.witness.living(id);
    if (!instance) return `${id} does not run (${told(byId.get(id))})`;
    const one = byId.get(id);
    const isTrue = one?.running && one.health === "ok" && one.pid === instance.pid && one.hostname === instance.host;
    return isTrue ? [] : `${id} runs as ${instance.pid} on ${instance.host}, shown as ${told(one)}`;
  });
}

function told(one: Shown | undefined): string {
  return one
    ? `${one.status}, ${one.health}, ${one.pid} on ${one.hostname}${one.reason ? `: ${one.reason}` : ""}`
    : "not at all";
}
