// Names as they are shown.
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

/** `launcher.<6 characters>.<host>-<kind>-launcher`, with or without the `launcher.` of its monitor's name. */
const LAUNCHER = /^(?:launcher\.)?launcher\.([^.]+)\.(.+)-([^-.]+)-launcher$/;

/** A monitor's name, harmless; a launcher's as `launcher 7UZhAz on vm (worker)` unless ids are shown in full. */
export function nameOf(id: string, options: Pick<RenderOptions, "unicode" | "fullIds">): string {
  if (id === "") return "no launcher (run by hand)";
  const [, hash, host, kind] = (options.fullIds ? undefined : LAUNCHER.exec(id)) ?? [];
  return clean(hash === undefined ? id : `launcher ${hash} on ${host} (${kind})`, options.unicode);
}
