// Names as they are shown.
import { launcherWords } from "../../common/launcher-words.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

/** A monitor's name, harmless; a launcher's as `launcher 7UZhAz on vm (worker)` unless ids are shown in full. */
export function nameOf(id: string, options: Pick<RenderOptions, "unicode" | "fullIds">): string {
  if (id === "") return "no launcher (run by hand)";
  return clean((options.fullIds ? undefined : launcherWords(id)) ?? id, options.unicode);
}
