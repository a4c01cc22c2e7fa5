// The names of our units. Pure.
import { escapeInstance, escapePath } from "./text.ts";

/** The unit of a service, with or without a launcher: `tcs@hello_world.main.service`. */
export function serviceUnit(id: string): string {
  return `tcs@${escapeInstance(id)}.service`;
}

/** The unit of a configuration's launcher, or of a part of it. */
export function launcherUnit(file: string, part?: string): string {
  return `tcs-launcher@${escapePath(file)}${part === undefined ? "" : `:${escapeInstance(part)}`}.service`;
}
