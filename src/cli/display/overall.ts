// The first line of every status view: is the night safe?
import { HEALTH_OF } from "../../client/health.ts";
import type { FleetSummary } from "../../client/summary.ts";
import { countOf, plural } from "../../common/plural.ts";
import { paintFor } from "./colors.ts";
import { nameOf } from "./names.ts";
import { HEALTH_SYMBOLS } from "./symbols.ts";
import type { RenderOptions, StatusView } from "./view.ts";
import { clean, truncate, widthOf } from "./width.ts";

/** One line; a second with the counts when the first tells what is wrong. */
export function renderOverall(view: StatusView, broker: string, options: RenderOptions): string[] {
  const { summary } = view;
  const paint = paintFor(options.color);
  const symbol = HEALTH_SYMBOLS[HEALTH_OF[summary.status]];
  const glyph = options.unicode ? symbol.unicode : symbol.ascii;
  const word = summary.status === "shutdown" ? "stopped" : summary.status;
  const title = truncate(`${glyph} Overall ${word}`, options.width, options.unicode);
  const trouble = describeTrouble(summary, options);
  const counts = describeCounts(view, broker);
  const rest = truncate(clean(trouble ?? counts, options.unicode), options.width - widthOf(title) - 3, options.unicode);
  const first = `${paint(symbol.style, paint("bold", title))}   ${rest}`.trimEnd();
  if (trouble === undefined) return [first];
  return [first, paint("dim", truncate(clean(`  ${counts}`, options.unicode), options.width, options.unicode))];
}

function describeTrouble(summary: FleetSummary, options: RenderOptions): string | undefined {
  const [worst] = summary.problems;
  if (worst) {
    // Launchers are counted when one of them is among the troubled.
    const hasLauncher = summary.problems.some(({ kind }) => kind === "launcher");
    const total = summary.services + (hasLauncher ? summary.launchers : 0);
    return `${summary.problems.length} of ${total}: ${nameOf(worst.serviceId, options)} ${worst.status}: ${worst.reason}`;
  }
  const starting = summary.counts.startup;
  return starting ? `${starting} of ${summary.services + summary.launchers} starting` : undefined;
}

function describeCounts({ summary, filter }: StatusView, broker: string): string {
  const parts: string[] = [];
  if (summary.services === 0 && summary.launchers === 0) parts.push("nothing is running");
  else {
    const of = summary.running === summary.services ? "" : ` of ${summary.services}`;
    parts.push(`${summary.running}${of} ${plural("service", summary.services)} running`);
    if (filter === undefined) parts.push(countOf(summary.launchers, "launcher"));
  }
  if (filter !== undefined) parts.push(`matching "${filter}"`);
  parts.push(`broker ${broker}`);
  return parts.join(", ");
}
