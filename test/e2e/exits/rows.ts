// Every row of the matrix for one home, and what the wire must tell of it, from first to last.
import { type Home, OWN_HOMES, RESTART_POLICIES, type RestartPolicy } from "../../../src/config/types.ts";
import { type End, EXIT_NAMES, EXITS, type ExitName, exitFile, KINDS, type Kind } from "./exits.ts";

export interface Row {
  id: string;
  kind: Kind;
  exit: ExitName;
  policy: RestartPolicy;
  end: End;
  /** What a stop of the fleet finds running, and how it takes it. */
  failsToStop: boolean;
}

/** Each row may restart once. */
export const RESTART_MAX = 1;

/** In words of systemd, but for `no` and `always`: which ends a policy restarts. */
const COVERED = {
  no: { clean: false, failure: false, abnormal: false },
  "on-failure": { clean: false, failure: true, abnormal: true },
  "on-abnormal": { clean: false, failure: false, abnormal: true },
  always: { clean: true, failure: true, abnormal: true },
} as const satisfies Record<RestartPolicy, object>;

export function rowsOf(home: Home): Row[] {
  return EXIT_NAMES.flatMap((name) => {
    const { homes = OWN_HOMES, kinds = KINDS, end, onStop } = EXITS[name];
    if (!homes.includes(home)) return [];
    return kinds.flatMap((kind) =>
      RESTART_POLICIES.map((policy) => ({
        id: `${[kind, name, policy]
          .join(" ")
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, "_")}.main`,
        kind,
        exit: name,
        policy,
        end: typeof end === "function" ? end(home) : end,
        failsToStop: onStop !== undefined,
      })),
    );
  });
}

/** The configuration that runs rows, and a file for each: of one file, an error could be another row's. */
export function fleetOf(rows: readonly Row[]): { yaml: string; files: Record<string, string> } {
  const lines = rows.map(({ id, policy, exit }) => {
    const watchdog = exit.startsWith("hangs") ? ", watchdog_sec: 1" : "";
    return `  - {type: ${typeOf(id)}, restart: "${policy}", restart_sec: 0.02, restart_max: ${RESTART_MAX}${watchdog}}\n`;
  });
  const files = rows.map(({ id, kind, exit }) => [`${typeOf(id)}.ts`, exitFile(kind, EXITS[exit])]);
  return { yaml: `services:\n${lines.join("")}`, files: { "lives/.keep": "", ...Object.fromEntries(files) } };
}

/** How often a row runs. */
export function livesOf(row: Row): number {
  return restarts(row) ? 1 + RESTART_MAX : 1;
}

export function exitCodeOf({ end }: Row): number {
  return end.how === "crashes" ? end.exitCode : 0;
}

/** What is published about a row, in order, without what a stop of the fleet adds. */
export function storyOf(row: Row): string[] {
  const again = restarts(row);
  const story = ["declared", ...lifeOf(row.end, again)];
  if (again) story.push("restarting", ...lifeOf(row.end, false), "failed", "status failed");
  return story;
}

/** What a stop of the fleet adds. */
export function stopStoryOf({ end, failsToStop }: Row): string[] {
  if (end.how !== "runs on") return [];
  return ["stopping", "status shutdown", failsToStop ? "status error" : "status shutdown", "stop"];
}

function lifeOf(end: End, again: boolean): string[] {
  const start = ["start", "status startup"];
  const running = [...start, "status ok", "ready"];
  switch (end.how) {
    case "runs on":
      return running;
    case "completes":
      if (end.silent) return [...running, "stop", "status shutdown"];
      return [...running, "status shutdown", "status shutdown", "stop"];
    case "crashes": {
      const begun = end.atStart ? start : running;
      const first = end.first ? [`status ${end.first}`] : [];
      // For one that has said nothing its launcher speaks, with what will become of it.
      if (!end.says) return [...begun, ...first, "crashed", `status ${again ? "error" : "failed"}`];
      return [...begun, ...first, `status ${end.says}`, "crashed"];
    }
    default:
      return end satisfies never;
  }
}

function restarts(row: Row): boolean {
  if (row.end.how === "runs on") return false;
  const code = exitCodeOf(row);
  const kind = code === 0 ? "clean" : code < 0 || code > 128 ? "abnormal" : "failure";
  return COVERED[row.policy][kind];
}

function typeOf(id: string): string {
  return id.replace(/\.main$/, "");
}
