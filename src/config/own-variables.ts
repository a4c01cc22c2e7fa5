// The part of the environment that gives values to the fields of one service type.
import { environmentPrefix } from "./environment-name.ts";
import type { Env } from "./expand.ts";

/** The variables named after fields of `type`: `GUIDER_INTERVAL` for `guider`. */
export function ownVariables(type: string, env: Env): Record<string, string> {
  const prefix = environmentPrefix(type);
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && name.startsWith(prefix)) own[name] = value;
  return own;
}
