// The configuration that is meant where none is named.
import { existsSync } from "node:fs";

export const DEFAULT_CONFIG = "services.yaml";

/** For a command that can do without: the one that is named, else the usual one if it is there. */
export function configIfAny(named: string | undefined): string | undefined {
  return named ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
}
