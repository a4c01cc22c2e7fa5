// Has running launchers go over to the version that is current now, one after the other.
import { basename } from "node:path";
import { describeError } from "../common/errors.ts";
import { lockOwner } from "../common/lock-file.ts";
import { identifyProcess, isAlive } from "../common/process-info.ts";
import type { RenewalNote } from "../launcher/renewal/messages.ts";
import { RenewalError } from "../launcher/renewal/renewal-error.ts";
import type { Layout } from "./layout.ts";
import { type InstalledLauncher, processesOf, sortedProcesses } from "./processes.ts";
import { restartUnit, type Unit, unitOf } from "./unit.ts";
import { currentVersion } from "./versions.ts";

export interface RenewListener {
  /** A launcher's turn has come. */
  onLauncher: (launcher: InstalledLauncher, how: string) => void;
  /** It is at a service. */
  onService: (service: string, done: number, of: number) => void;
}

/** How long a launcher may take until it says that it has begun, and until it tells of the next service, milliseconds. */
const ANSWER_LIMIT_MS = 10_000;
const SILENCE_LIMIT_MS = 300_000;
const LOOK_MS = 25;

/** Launchers that run another version than this one, by default the current one. */
export function outdatedLaunchers(layout: Layout, wanted = currentVersion(layout)): InstalledLauncher[] {
  return sortedProcesses(layout).launchers.filter(({ version }) => version !== wanted);
}

/** Restarts what systemd runs of another version beside launchers, each when the one before is up. @throws RenewalError */
export async function restartUnits(layout: Layout, onUnit: (unit: Unit) => void): Promise<void> {
  const current = currentVersion(layout);
  for (const { pid, version } of processesOf(layout)) {
    const unit = version === current || pid === process.pid ? undefined : await unitOf(pid);
    if (!unit) continue;
    onUnit(unit);
    await restartUnit(unit);
  }
}

/**
 * Renews launchers, each when the one before is done. Resolves when all are.
 * @throws RenewalError at the first that cannot be renewed; it goes on with the version that it ran
 */
export async function renewLaunchers(
  layout: Layout,
  launchers: readonly InstalledLauncher[],
  listener: RenewListener,
): Promise<void> {
  for (const launcher of launchers) {
    const unit = await unitOf(launcher.pid);
    listener.onLauncher(launcher, unit ? `restarting ${unit.name}` : "its services go over one by one");
    if (unit) await restartUnit(unit);
    else await renew(launcher, listener);
    const left = await stillOutdated(layout, launcher);
    if (left) throw new RenewalError(`${describeLauncher(launcher)} still runs ${left}`);
  }
}

export function describeLauncher({ pid, config }: InstalledLauncher): string {
  return `the launcher of ${config} (pid ${pid})`;
}

async function renew(launcher: InstalledLauncher, { onService }: RenewListener): Promise<void> {
  const what = describeLauncher(launcher);
  const { pid, lock } = launcher;
  if (!launcher.renews) {
    throw new RenewalError(`${what} cannot be renewed while it runs`, {
      hint: "it runs with --once or --dev, or is too old for it: end it, and start it again",
    });
  }
  const me = identifyProcess(pid);
  const askedAt = Date.now();
  try {
    process.kill(pid, "SIGUSR2");
  } catch (cause) {
    throw new RenewalError(`${what} cannot be told to renew itself: ${describeError(cause)}`, {
      cause,
      hint: "run this as its user, or as root",
    });
  }
  let said = "";
  let saidAt = performance.now();
  for (;;) {
    const owner = lockOwner(lock);
    if (owner && owner.pid !== pid) return;
    const state = owner?.renewal as RenewalNote | undefined;
    // One may be under way that was asked for before; its error would be an old one's.
    const hasBegun = state !== undefined && (state.begun >= askedAt || state.error === undefined);
    if (hasBegun && state.error !== undefined) throw new RenewalError(`${what} was not renewed: ${state.error}`);
    // Between the end of one launcher and the lock of the next nobody has it.
    if (!owner && !(me && isAlive(me))) await successorOf(launcher);
    const now = hasBegun ? JSON.stringify(state) : "";
    if (now !== said) {
      said = now;
      saidAt = performance.now();
      if (state?.service !== undefined) onService(state.service, state.done ?? 0, state.of ?? 0);
    }
    const limitMs = said === "" ? ANSWER_LIMIT_MS : SILENCE_LIMIT_MS;
    if (performance.now() - saidAt > limitMs) {
      throw new RenewalError(`${what} has not said anything for ${limitMs / 1000} s`, { hint: "see its log" });
    }
    await Bun.sleep(LOOK_MS);
  }
}

/** @throws RenewalError when nobody has followed it within the limit */
async function successorOf(launcher: InstalledLauncher): Promise<void> {
  const deadline = performance.now() + ANSWER_LIMIT_MS;
  while (performance.now() < deadline) {
    if (lockOwner(launcher.lock)) return;
    await Bun.sleep(LOOK_MS);
  }
  throw new RenewalError(`${describeLauncher(launcher)} has ended, and no other has followed it`, {
    hint: "start it again with tcs run",
  });
}

/** Which version the fleet of a launcher still runs, if it is not the current one. */
async function stillOutdated(layout: Layout, { lock }: InstalledLauncher): Promise<string | undefined> {
  const deadline = performance.now() + ANSWER_LIMIT_MS;
  let version: string | undefined;
  while (performance.now() < deadline) {
    const owner = lockOwner(lock);
    version = processesOf(layout).find(({ pid }) => pid === owner?.pid)?.version;
    if (version === currentVersion(layout)) return undefined;
    await Bun.sleep(LOOK_MS);
  }
  return version ?? `nothing (${basename(lock)} is nobody's)`;
}
