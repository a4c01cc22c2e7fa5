// A launcher whose services are all run by others has nothing to do.
import { TcsError } from "../common/errors.ts";
import type { ServiceRunner } from "./service-runner.ts";

/**
 * Every service is run by somebody else.
 * @cause Every service of the configuration is run by another launcher.
 * @remedy Leave it to that one, wait with "tcs run --standby", or take over with "tcs run --takeover".
 * @example hello_world.main is run by launcher B60Lnk on vm (worker), pid 4711, /home/ann/services.yaml
 */
export class NothingToRunError extends TcsError {
  override readonly code = "E_OWNED";
}

/** @throws NothingToRunError when other launchers have all services, and none is waited for */
export function refuseIfAllElsewhere(runners: readonly ServiceRunner[]): void {
  if (runners.length === 0 || runners.some(({ elsewhere }) => !elsewhere || elsewhere.waits)) return;
  const owners = [...new Set(runners.map(({ elsewhere }) => elsewhere?.message ?? ""))];
  const what = runners.length === 1 ? `${runners[0]?.id} is` : `all ${runners.length} services are`;
  throw new NothingToRunError(`${what} ${owners.map(uncapitalised).join(", ")}`, {
    hint: '"tcs run --takeover" moves them here; "tcs run --standby" waits until they are free',
  });
}

/** Has done what it had to do here. */
export function isOver({ state, elsewhere }: ServiceRunner): boolean {
  return state === "ended" || (elsewhere !== undefined && !elsewhere.waits);
}

function uncapitalised(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
