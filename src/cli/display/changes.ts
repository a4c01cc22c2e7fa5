// One line for what has changed of a service, where lines cannot be drawn again.
import { changeOf } from "../../client/change.ts";
import type { ServiceInfo } from "../../client/index.ts";
import type { JsonObject } from "../../common/json.ts";
import { utc } from "./age.ts";
import { cellsOf } from "./cells.ts";
import { nameOf } from "./names.ts";
import { drawSpans, type Span } from "./spans.ts";
import { serviceJson } from "./status-json.ts";
import type { RenderOptions } from "./view.ts";

/**
 * `2026-11-20 22:03:06 UTC  × dome.main  failed  cannot open port`; undefined if nothing that is shown has changed.
 */
export function renderChange(
  service: ServiceInfo,
  previous: ServiceInfo | undefined,
  options: RenderOptions,
): string | undefined {
  const gone = isGone(service, previous);
  if (previous && !gone && shownOf(previous) === shownOf(service)) return undefined;
  const { symbol, status, message } = cellsOf(service, options);
  const time = `${utc(options.now)} UTC`;
  const gap = { text: "  " };
  const name = { text: nameOf(service.serviceId, options) };
  return drawSpans(
    [
      { text: time, style: "dim" },
      gap,
      symbol,
      { text: " " },
      name,
      gap,
      ...(gone ? GONE : [...status, gap, ...message]),
    ],
    options,
  );
}

const GONE: readonly Span[] = [{ text: "gone from the broker", style: "dim" }];

/** A client tells of it as it last was. */
function isGone(service: ServiceInfo, previous: ServiceInfo | undefined): boolean {
  return service === previous;
}

/** What a line tells, but for what changes with every second. */
function shownOf(info: ServiceInfo): string {
  const { status, restartState, restartAttempt, removed, heldBy, startTime, reason, message } = info;
  // Its words count the seconds of silence.
  const isSilent = status === "stale" || status === "dead";
  const words = isSilent ? undefined : (reason ?? message);
  return JSON.stringify([status, restartState, restartAttempt, removed, heldBy?.by, info.running && startTime, words]);
}

/** The same for programs. */
export function changeJson(service: ServiceInfo, previous: ServiceInfo | undefined, now: number): JsonObject {
  return {
    event: "change",
    time: new Date(now).toISOString(),
    change: isGone(service, previous) ? "gone" : (changeOf(previous, service)?.type ?? "update"),
    previous_status: previous?.status,
    service: serviceJson(service),
  };
}
