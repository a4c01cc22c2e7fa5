// Which services share a container, what kind of life it has, and after which others it starts.
import type { ServiceRow } from "../config/types.ts";
import { toCron } from "./clock.ts";
import { labelOf } from "./names.ts";
import type { ExportSource, Plan, Share, Unit, UnitKind } from "./types.ts";

/** What the launcher itself takes at the end, beside its services: the last reports to the broker, seconds. */
const LAST_WORDS_SECONDS = 10;
/** Of a launcher with the binary's code, and of each service by its home. A limit, not a need: several times that. */
const LAUNCHER_MIB = 256;
const HOME_MIB = { inline: 16, worker: 64, process: 128, systemd: 128, exec: 256 } as const;

export interface PlanOptions {
  share: Share;
  /** Ids of services that do their work once, beside those whose class says so. */
  jobs: readonly string[];
  /** A clock outside starts periodic services, and services that work once have containers of their own. */
  cluster: boolean;
}

interface Draft {
  key: string;
  rows: ServiceRow[];
  life: UnitKind;
}

/** Pure: the same source and options give the same plan. */
export function planUnits(source: ExportSource, { share, jobs, cluster }: PlanOptions): Plan {
  const notes: string[] = [];
  const drafts = new Map<string, Draft>();
  const put = (key: string, row: ServiceRow, life: UnitKind) => {
    const draft = drafts.get(key) ?? { key, rows: [], life };
    draft.rows.push(row);
    drafts.set(key, draft);
  };
  for (const row of source.fleet.services) {
    const once = jobs.includes(row.id) || source.traits.get(row.id)?.singleShot === true;
    const clock = cluster && row.timetable ? toCron(row.timetable) : undefined;
    if (clock && !clock.ok) notes.push(`${row.id} keeps its schedule in a launcher: ${clock.why}`);
    if (clock?.ok) put(row.id, row, { kind: "periodic", cron: clock.cron, timeZone: clock.timeZone });
    else if (once && !row.timetable && (cluster || share !== "fleet")) put(row.id, row, { kind: "once" });
    else put(shareOf(row, share), row, { kind: "launcher" });
  }
  const taken = new Set<string>();
  const units = [...drafts.values()].map(({ key, rows, life }): Unit => {
    const name = labelOf(key, taken);
    taken.add(name);
    const { terminateDelayMs } = source.fleet.launcher;
    const ids = new Set(rows.map(({ id }) => id));
    return {
      name,
      life,
      rows,
      whole: rows.length === source.fleet.services.length && life.kind === "launcher",
      after: [],
      graceSeconds: Math.ceil((terminateDelayMs * depthOf(rows)) / 1000) + LAST_WORDS_SECONDS,
      memoryMiB: LAUNCHER_MIB + rows.reduce((sum, { home }) => sum + HOME_MIB[home], 0),
      variables: source.variables.filter(({ users }) => !users || [...users].some((id) => ids.has(id))),
    };
  });
  return { units: inOrder(units, notes), notes };
}

function shareOf(row: ServiceRow, share: Share): string {
  if (share === "fleet") return "fleet";
  return share === "group" && row.group !== undefined ? `group ${row.group}` : row.id;
}

/** How many of them stop one after the other. */
function depthOf(rows: readonly ServiceRow[]): number {
  const depths = new Map<string, number>();
  const depth = (row: ServiceRow): number => {
    const known = depths.get(row.id);
    if (known !== undefined) return known;
    const before = rows.filter(({ id }) => row.after.includes(id));
    const found = 1 + Math.max(0, ...before.map(depth));
    depths.set(row.id, found);
    return found;
  };
  return Math.max(...rows.map(depth));
}

/** Fills in `after`; where containers would wait for each other, though their services do not, nobody waits. */
function inOrder(units: readonly Unit[], notes: string[]): Unit[] {
  const unitOf = new Map(units.flatMap((unit) => unit.rows.map((row) => [row.id, unit.name] as const)));
  const wanted = new Map(
    units.map(({ name, rows }) => {
      const names = rows.flatMap(({ after }) => after.flatMap((id) => unitOf.get(id) ?? []));
      return [name, [...new Set(names)].filter((other) => other !== name).sort()];
    }),
  );
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (wanted.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return units.map((unit) => {
    const after = (wanted.get(unit.name) ?? []).filter((other) => {
      if (!reaches(other, unit.name)) return true;
      notes.push(`${unit.name} does not wait for ${other}: they would wait for each other`);
      return false;
    });
    return { ...unit, after };
  });
}
