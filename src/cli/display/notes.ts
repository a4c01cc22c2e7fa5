// What a status view says when there is little to see, and how what it shows was collected.
import type { FleetSnapshot } from "../../client/fleet-snapshot.ts";
import { countOf } from "../../common/plural.ts";
import { paintFor } from "./colors.ts";
import type { BrokerInfo, Collection } from "./status-json.ts";
import { HEALTH_SYMBOLS } from "./symbols.ts";
import type { RenderOptions } from "./view.ts";

/** A fleet of which nothing has ever been heard: says so, and what to do. */
export function renderEmpty(broker: BrokerInfo, hasStreams: boolean, options: RenderOptions): string[] {
  const { unicode, ascii, style } = HEALTH_SYMBOLS.unknown;
  const paint = paintFor(options.color);
  const title = `${options.unicode ? unicode : ascii} Overall unknown`;
  const { subjectPrefix: prefix } = broker;
  const fact = hasStreams
    ? `connected, but nothing has ever reported under the prefix "${prefix}"`
    : `connected, but the broker has no streams for the prefix "${prefix}"`;
  return [
    `${paint(style, paint("bold", title))}   ${fact}`,
    `  broker ${broker.servers.join(", ")} (from: ${broker.origin})`,
    "",
    "  Start a fleet there:        tcs run --config services.yaml",
    "  Look somewhere else:        tcs status --host HOST --port PORT --prefix PREFIX",
  ];
}

/** For `--verbose`. */
export function renderCollection(collection: Collection): string[] {
  const streams = collection.streams.map(({ name, messages, bad, present }) => {
    if (!present) return `  ${name}: not read`;
    return `  ${name}: ${countOf(messages, "message")}${bad > 0 ? `, ${bad} bad` : ""}`;
  });
  return [
    `Collected ${countOf(collection.messages, "message")} in ${collection.milliseconds.toFixed(1)} ms: ${collection.bad} bad, ` +
      `${collection.oddTimestamps} odd timestamps, ${collection.unknownStatuses} unknown statuses`,
    ...streams,
  ];
}

export function collectionOf({ streams, counts, milliseconds }: FleetSnapshot): Collection {
  return {
    milliseconds,
    messages: counts.messages,
    bad: counts.junk + streams.reduce((sum, stream) => sum + stream.bad, 0),
    oddTimestamps: counts.badTimestamps + counts.futureTimestamps,
    unknownStatuses: counts.unknownStatuses,
    streams: streams.map(({ subjects, messages, bad, fault }) => ({ name: subjects, messages, bad, present: !fault })),
  };
}
