// tcs events: what happened to the fleet, and by whom.
import type { TimelineEntry } from "../../client/timeline/index.ts";
import { ExitCode, UsageError } from "../../common/errors.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { fleetArgs } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { entryJson, renderEntries } from "../display/events.ts";
import { jsonText } from "../display/status-json.ts";
import { findBroker } from "../fleet-access.ts";
import { openLine } from "../line.ts";
import { MOST_LINES } from "../logs/query.ts";
import { isSelected } from "../meant.ts";
import { parseCount } from "../numbers.ts";
import { renderOptions, tell, write } from "../output.ts";
import { followStory, tellStory } from "../story.ts";
import { readTime } from "../times.ts";

const DAY_MS = 86_400_000;
/** Without --since: the last so many of a day. */
const LINES = 100;

export default defineCommand({
  meta: { name: "events", description: "Show what happened to the fleet: starts, crashes, restarts, statuses, orders" },
  examples: [["tcs events", "starts, crashes, orders of the last day"], ["tcs events hello_world --since 10m"]],
  args: {
    service: {
      type: "positional",
      required: false,
      description: 'Ids, types, variants or patterns (dome.*); "tcs" for launchers; default: all',
      valueHint: "...",
    },
    follow: { type: "boolean", alias: "f", description: "Go on with what happens from now on, until Ctrl-C" },
    since: { type: "string", description: "From then on: 10m, 1h30m, 2026-11-20 22:03 (a day)", valueHint: "TIME" },
    until: { type: "string", description: "Only up to then", valueHint: "TIME" },
    lines: { type: "string", alias: "n", description: "How many, the last (100; with --since all)", valueHint: "N" },
    all: { type: "boolean", description: "Also what is routine: declarations, launchers' summaries" },
    json: { type: "boolean", description: "One JSON object a line, for programs" },
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const now = Date.now();
    const since = readTime(args.since, "--since", now);
    const until = readTime(args.until, "--until", now);
    if (until !== undefined && args.follow) throw new UsageError("--until and --follow exclude each other");
    const count =
      parseCount(args.lines, "--lines", MOST_LINES) ?? (since === undefined ? LINES : Number.POSITIVE_INFINITY);
    const isMeant = (entry: TimelineEntry) =>
      isSelected(entry.serviceId, args._) && (args.all === true || !entry.minor);
    const column = { width: 0 };
    const show = (entries: readonly TimelineEntry[]) => {
      if (entries.length === 0) return;
      write(
        args.json
          ? entries.map((entry) => jsonText(entryJson(entry), 0))
          : renderEntries(entries, renderOptions(), column),
      );
    };
    // Nothing is under way that would have to be ended in order.
    process.once("SIGINT", () => process.exit(130));
    void natsClient();
    const settings = await findBroker(args);
    const line = await openLine(settings, "tcs events", args.follow === true);
    const query = { prefix: settings.subjectPrefix, since: since ?? now - DAY_MS, until };
    const story = await tellStory(line, settings, query);
    const found = story.entries.filter(isMeant);
    show(count === 0 ? [] : found.slice(-count));
    if (!args.follow) {
      line.close();
      if (found.length === 0) tell("nothing happened that fits");
      else if (found.length > count && args.lines === undefined) {
        tell(`these are the last ${count} of ${found.length}; --lines says how many`);
      }
      return ExitCode.ok;
    }
    // Ctrl-C is the only end.
    return await followStory(line, settings.subjectPrefix, story, (entries) => show(entries.filter(isMeant)));
  },
});
