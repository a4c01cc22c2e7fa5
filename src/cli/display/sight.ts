// What must be known of everything else that is shown live: that it is old, or not whole.
import { formatDuration } from "../../client/duration.ts";
import type { Sight } from "../followed-fleet.ts";
import { drawSpans } from "./spans.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

/** One line; undefined when all is well. */
export function renderSight(sight: Sight, broker: string, options: RenderOptions): string | undefined {
  const draw = (text: string, style: "yellow" | "dim") =>
    drawSpans([{ text: clean(text, options.unicode), style }], options);
  const forHow = formatDuration((options.now - sight.since) / 1000);
  const why = sight.why === undefined ? "" : ` (${sight.why})`;
  const [note] = sight.notes;
  switch (sight.state) {
    case "connecting":
      // Until the first attempt has failed there is nothing to complain of.
      if (sight.why === undefined) return draw(`connecting to ${broker} …`, "dim");
      return draw(`! no broker at ${broker}${why}: waiting for it, ${forHow}`, "yellow");
    case "away":
      return draw(`! broker away for ${forHow}${why}: as of ${clock(sight.since)} UTC`, "yellow");
    case "reading":
      return draw("reading the fleet …", "dim");
    case "live":
      return note === undefined ? undefined : draw(`! ${note}`, "yellow");
    default:
      return sight.state satisfies never;
  }
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}
