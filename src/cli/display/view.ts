// What a status view shows: chosen once, drawn by the table, the detailed list and the JSON alike.
import type { ServiceInfo } from "../../client/service-info.ts";
import { type FleetSummary, summarize } from "../../client/summary.ts";
import { withAncestors } from "../../client/tree.ts";

export interface RenderOptions {
  /** Columns; Infinity for no limit. */
  width: number;
  color: boolean;
  unicode: boolean;
  /** Milliseconds since the epoch. */
  now: number;
  /** The ids of launchers in full, not only what tells them apart. */
  fullIds?: boolean;
}

export interface StatusView {
  summary: FleetSummary;
  /** Chosen, with their parents, in order of id. */
  shown: ServiceInfo[];
  /** Known and current or stopped, but not chosen. */
  hidden: number;
  filter?: string | undefined;
}

export interface ViewChoice {
  /** Also what is stopped, removed or old. */
  all?: boolean | undefined;
  /** Only ids that contain this word, in any case; overrides hiding. */
  filter?: string | undefined;
}

/** Chooses what is shown of everything known. The summary speaks of the whole fleet, or of the filtered part. */
export function chooseView(services: readonly ServiceInfo[], choice: ViewChoice = {}): StatusView {
  const word = choice.filter?.toLowerCase();
  const matching =
    word === undefined ? services : services.filter((info) => info.serviceId.toLowerCase().includes(word));
  const known = matching.filter((info) => info.declared || info.current || info.fresh);
  const chosen = word !== undefined ? matching : choice.all ? known : matching.filter((info) => info.current);
  return {
    summary: summarize(matching),
    shown: withAncestors(chosen, services).sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1)),
    hidden: word === undefined ? known.filter((info) => info.kind === "service").length - countServices(chosen) : 0,
    filter: choice.filter,
  };
}

function countServices(services: readonly ServiceInfo[]): number {
  return services.filter((info) => info.kind === "service").length;
}
