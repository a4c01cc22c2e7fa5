// Names a launcher: the same fleet on the same host has the same id, wherever it is started from.
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { Home } from "../config/types.ts";

export interface LauncherName {
  /** `launcher.<6 characters>.<short host>-<kind>-launcher`. */
  id: string;
  /** Name of its monitor, and `parent` of its services: `launcher.<id>`. */
  monitorName: string;
}

/**
 * @param configFile absolute path of the configuration
 * @param part name of the part of the configuration that is run, when it is not the whole
 * @param turn 1 for the other name of the same launcher: one that is renewed and its successor are both there for a while
 */
export function launcherName(
  configFile: string,
  home: Home,
  part = "",
  host: string = hostname(),
  turn = 0,
): LauncherName {
  const turned = turn === 0 ? "" : `\nturn ${turn}`;
  const hash = createHash("sha256").update(`${configFile}\n${part}\n${host}${turned}`).digest("base64url");
  const short = (host.split(".")[0] ?? "").replaceAll(/[^A-Za-z0-9_-]/g, "_") || "host";
  const id = `launcher.${hash.replaceAll(/[-_]/g, "").slice(0, 6)}.${short}-${home}-launcher`;
  return { id, monitorName: `launcher.${id}` };
}
