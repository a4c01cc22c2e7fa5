// The launchers of this host go over to what is installed now; when one cannot, they all go back.
import { countOf } from "../../common/plural.ts";
import {
  currentVersion,
  describeLauncher,
  type InstalledProcess,
  type Layout,
  outdatedLaunchers,
  renewLaunchers,
  restartUnits,
  rollBack,
  sortedProcesses,
} from "../../install/index.ts";
import { confirm, isInteractive } from "../ask.ts";
import { tell } from "../output.ts";

/** @param yes go back without asking @throws RenewalError, when the launchers run what they ran before or are named */
export async function renewAll(layout: Layout, { yes }: { yes: boolean }): Promise<string[]> {
  const outdated = outdatedLaunchers(layout);
  const before = outdated[0]?.version;
  try {
    await renewLaunchers(layout, outdated, {
      onLauncher: (launcher, how) => tell(`${describeLauncher(launcher)}: ${how}`),
      onService: (service, done, of) => tell(`  ${done + 1} of ${of}: ${service}`),
    });
    await restartUnits(layout, (unit) => tell(`restarting ${unit.name}`));
  } catch (error) {
    tell(`the new version does not run everything: ${error instanceof Error ? error.message : String(error)}`);
    const canGoBack = before !== undefined && before !== currentVersion(layout);
    const back = canGoBack && (yes || (isInteractive() && (await confirm("go back to the version before?"))));
    if (!back) tell('"tcs install --rollback" goes back to the version before');
    else await goBack(layout);
    throw error;
  }
  return outdated.map(describeLauncher);
}

/** Once: what cannot go back either is told, and left as it is. */
async function goBack(layout: Layout): Promise<void> {
  const { version } = rollBack(layout);
  tell(`back to ${version}`);
  await renewLaunchers(layout, outdatedLaunchers(layout), {
    onLauncher: (launcher) => tell(`${describeLauncher(launcher)}: back to ${version}`),
    onService: () => undefined,
  });
  await restartUnits(layout, (unit) => tell(`restarting ${unit.name}`));
}

/** Processes that go on with another version until somebody ends them: one line, or none. */
export function remainingHints(layout: Layout): string[] {
  const current = currentVersion(layout);
  const others = sortedProcesses(layout).others.filter(({ version }) => version !== current);
  if (others.length === 0) return [];
  const list = others.map(describeProcess).join(", ");
  return [`${countOf(others.length, "process")} still of another version, until you start anew: ${list}`];
}

function describeProcess({ pid, args }: InstalledProcess): string {
  return `tcs ${args.slice(0, 2).join(" ")} (pid ${pid})`;
}
