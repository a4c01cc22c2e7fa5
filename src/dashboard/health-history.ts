// How each service was in the last hour: the strips of the page.
import { HEALTH_OF } from "../client/health.ts";
import type { ServiceInfo } from "../client/index.ts";
import type { TimelineEntry } from "../client/timeline/index.ts";
import type { HealthPoint } from "./told.ts";

const HOUR_MS = 3_600_000;
/** Of one service: one that crashes again and again has no more, the latest. */
const MOST_POINTS = 500;

export class HealthHistory {
  readonly #points = new Map<string, HealthPoint[]>();

  /** What the streams have kept, in order of time; before anything is noted. */
  takeStory(entries: readonly TimelineEntry[]): void {
    for (const entry of entries) {
      const health = healthAfter(entry);
      if (health !== undefined) this.#add(entry.serviceId, [entry.time, health]);
    }
  }

  /** What is seen now. Nothing has been told of it so far: then it has been so since its status came. */
  note({ serviceId, health, statusTime, startTime }: ServiceInfo, now: number): void {
    const isSilent = health === "dead" || health === "unknown";
    const since = this.#points.has(serviceId) || isSilent ? now : (statusTime ?? startTime ?? now);
    this.#add(serviceId, [Math.min(since, now), health]);
  }

  forget(id: string): void {
    this.#points.delete(id);
  }

  /** By service, oldest first. */
  all(now: number): Record<string, HealthPoint[]> {
    for (const points of this.#points.values()) trim(points, now - HOUR_MS);
    return Object.fromEntries(this.#points);
  }

  #add(id: string, point: HealthPoint): void {
    const points = this.#points.get(id) ?? [];
    this.#points.set(id, points);
    if (points.at(-1)?.[1] === point[1]) return;
    points.push(point);
    if (points.length > MOST_POINTS) points.shift();
    trim(points, point[0] - HOUR_MS);
  }
}

/** The last one before the hour stays: it tells how the hour begins. */
function trim(points: HealthPoint[], from: number): void {
  while (points[1] && points[1][0] < from) points.shift();
}

function healthAfter({ kind, status }: TimelineEntry): string | undefined {
  switch (kind) {
    case "started":
    case "restarting":
      return "starting";
    case "ready":
      return "ok";
    case "stopped":
      return "stopped";
    case "crashed":
    case "failed":
      return "failed";
    case "status":
      return status === undefined ? undefined : HEALTH_OF[status];
    case "declared":
    case "stopping":
    case "order":
      return undefined;
    default:
      return kind satisfies never;
  }
}
