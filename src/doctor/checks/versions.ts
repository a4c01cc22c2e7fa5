// Who runs what: versions of tcs, and programs of the Python framework.
import { countOf } from "../../common/plural.ts";
import { VERSION } from "../../common/version.ts";
import type { BrokerContext } from "../check.ts";
import { type Finding, ok, warning } from "../finding.ts";
import type { DescribedLauncher } from "../fleet-look.ts";
import type { HistoryEntry } from "../history.ts";

export async function checkVersions({ look }: BrokerContext): Promise<Finding[]> {
  const [launchers, beats] = await Promise.all([look.launchers(), look.beats()]);
  return judgeVersions(launchers, pythonIds(beats, look.prefix));
}

/** The ids whose heartbeats count nothing: ours have a `sequence`, those of the Python framework do not. */
export function pythonIds(beats: Iterable<HistoryEntry>, prefix: string): Set<string> {
  const ids = new Set<string>();
  for (const { subject, data } of beats) {
    const id = subject.slice(`${prefix}.heartbeat.`.length);
    if (data.sequence === undefined) ids.add(id);
    // Moved to tcs within the minute.
    else ids.delete(id);
  }
  return ids;
}

export function judgeVersions(
  launchers: readonly DescribedLauncher[],
  python: ReadonlySet<string>,
  own = VERSION,
): Finding[] {
  const findings: Finding[] = [];
  const ours = launchers.filter(({ info }) => !python.has(info.serviceId));
  const byVersion = Map.groupBy(ours, versionOf);
  const versions = [...byVersion.keys()].filter((version) => version !== undefined);
  for (const { info, answer } of ours) {
    if (answer.kind !== "silent") continue;
    const text = `${info.serviceId} beats, and does not answer`;
    findings.push(
      warning(
        text,
        `look at it on ${info.host ?? "its host"} (pid ${info.pid ?? "unknown"}): is it frozen, or overloaded?`,
      ),
    );
  }
  if (versions.length > 1) {
    const each = versions.map((version) => `${version} (${hostsOf(byVersion.get(version) ?? [])})`).join(", ");
    findings.push(
      warning(
        `launchers of ${versions.length} versions: ${each}`,
        "copy the same tcs to all hosts, and restart the fleets there",
      ),
    );
  } else if (versions.length === 1 && versions[0] !== own) {
    findings.push(ok(`all launchers run ${versions[0]}; this program is ${own}`));
  } else if (versions.length === 1) findings.push(ok(`${own} everywhere`));
  if (python.size > 0) {
    const itsLaunchers = [...python].filter((id) => id.startsWith("launcher.")).length;
    const counts = `${countOf(itsLaunchers, "launcher")}, ${countOf(python.size - itsLaunchers, "service")}`;
    findings.push(ok(`of the Python framework: ${counts}`));
  }
  if (findings.length > 0) return findings;
  return [
    ok(`${ours.length > 0 ? "this user may not ask the launchers" : "no launcher runs"}; this program is ${own}`),
  ];
}

function versionOf({ answer }: DescribedLauncher): string | undefined {
  if (answer.kind === "silent" || answer.kind === "unasked") return undefined;
  return (answer.kind === "described" ? answer.version : undefined) ?? "an unknown version";
}

function hostsOf(launchers: readonly DescribedLauncher[]): string {
  return [...new Set(launchers.map(({ info }) => info.host ?? info.serviceId))].sort().join(", ");
}
