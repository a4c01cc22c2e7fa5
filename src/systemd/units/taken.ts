// Units that somebody else has written under the name of one of ours: a drop-in of ours would make another of it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TcsError } from "../../common/errors.ts";
import type { SystemdMode } from "./mode.ts";

/**
 * A unit of systemd of that name is somebody else's.
 * @cause A unit of that name is there already, of another configuration, of another home, or of somebody else.
 * @remedy Remove that one, or give the service another variant or another home.
 * @example tcs-dome.main.service runs for another configuration: /etc/tcs/dome.yaml
 */
export class UnitTakenError extends TcsError {
  override readonly code = "E_UNIT_TAKEN";
}

/**
 * A launcher writes units of its own for services with `launcher: systemd`.
 * @throws UnitTakenError at the first that is there
 */
export function refuseTaken(
  units: readonly string[],
  mode: SystemdMode,
  unitFolder: string,
  env: Record<string, string | undefined> = process.env,
): void {
  const runtime = mode === "system" ? "/run" : env.XDG_RUNTIME_DIR;
  const folders = [unitFolder, ...(runtime ? [join(runtime, "systemd", mode)] : [])];
  const path = units.flatMap((unit) => folders.map((folder) => join(folder, unit))).find((one) => existsSync(one));
  if (path === undefined) return;
  throw new UnitTakenError(`${path} is there already: expected a service that no launcher has made a unit of`, {
    hint: "end the launcher whose unit it is (launcher: systemd), or give its services another home",
  });
}
