// The versions of a fleet: whether they differ, at one glance, and who runs which.
import type { RunningVersion } from "../../client/index.ts";
import type { JsonObject } from "../../common/json.ts";
import { countOf } from "../../common/plural.ts";
import { paintFor } from "./colors.ts";
import { inColumns } from "./columns.ts";
import { nameOf } from "./names.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

const HEADINGS = ["VERSION", "HOST", "PID", "SERVICES", "WHO", ""];

/** @param mine the version of this program */
export function renderVersions(running: readonly RunningVersion[], mine: string, options: RenderOptions): string[] {
  const paint = paintFor(options.color);
  const headline = summary(running, mine);
  const first = paint(headline.isOne ? "green" : "yellow", headline.text);
  if (running.length === 0) return [first];
  const table = running.map((one) => cellsOf(one, mine, options));
  const [headings = "", ...lines] = inColumns([HEADINGS, ...table], options);
  const rows = lines.map((line, i) => (running[i]?.version === mine ? line : paint("yellow", line)));
  return [first, "", paint("dim", headings), ...rows];
}

/** Version 1: fields may be added. */
export function versionsJson(running: readonly RunningVersion[], mine: string): JsonObject {
  return {
    format: 1,
    version: mine,
    same: summary(running, mine).isOne,
    running: running.map(({ kind, name, host, pid, version, reach, services }) => ({
      kind,
      name,
      host,
      pid,
      version,
      reach,
      services,
    })),
  };
}

function summary(running: readonly RunningVersion[], mine: string): { isOne: boolean; text: string } {
  const here = `this is tcs ${mine}`;
  if (running.length === 0) return { isOne: true, text: `${here}; nothing of the fleet runs` };
  const versions = [...new Set(running.flatMap(({ version }) => version ?? []))].sort();
  const silent = running.filter(({ version }) => version === undefined).length;
  const others = running.filter(({ version }) => version !== undefined && version !== mine).length;
  const unknown = silent === 0 ? "" : `; ${silent} of ${running.length} do not tell theirs`;
  const parts = countOf(running.length - silent, "part");
  if (others === 0) {
    const same = running.length === silent ? "" : `, as all that tell theirs run (${parts} of the fleet)`;
    return { isOne: silent === 0, text: `${here}${same}${unknown}` };
  }
  if (versions.length === 1) return { isOne: false, text: `${here}; the fleet runs ${versions[0]}${unknown}` };
  return {
    isOne: false,
    text: `${here}; the fleet runs ${versions.length} versions, and ${others} of ${running.length} another one${unknown}`,
  };
}

function cellsOf(one: RunningVersion, mine: string, options: RenderOptions): string[] {
  const { version, host, pid, services, name, kind, reach } = one;
  const who = kind === "launcher" ? nameOf(name, options) : `${name} (by hand)`;
  const note = version === undefined ? (reach === "silent" ? "does not answer" : "does not tell its version") : "";
  return [
    version ?? "?",
    host ?? "",
    pid?.toString() ?? "",
    services?.toString() ?? "",
    who,
    version !== undefined && version !== mine ? "another version" : note,
  ].map((cell) => clean(cell, options.unicode));
}
