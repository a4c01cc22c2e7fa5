// What `tcs top` knows, what happens to it, and what it wants done: plain data.
import type { OrderVerb, ServiceInfo } from "../../client/index.ts";
import type { Span } from "../display/spans.ts";
import type { Sight } from "../followed-fleet.ts";
import type { TerminalSize } from "../own-terminal.ts";
import type { Key } from "./keys.ts";

export const SORTS = ["tree", "status", "name", "beat", "uptime"] as const;
export type Sort = (typeof SORTS)[number];

export type Mode =
  | { kind: "list" }
  /** A filter is being typed; `before` is the one to go back to. */
  | { kind: "filter"; before: string }
  | { kind: "confirm"; verb: OrderVerb; id: string };

/** Something in place of the list. */
export interface Pane {
  kind: "log" | "why" | "help";
  /** Whose; empty for the help. */
  id: string;
  lines: readonly Span[];
  /** How many lines the view was moved: from the end of a log, from the beginning of anything else. */
  scroll: number;
}

export interface Notice {
  text: string;
  style: "dim" | "yellow" | "red";
  /** When it goes, milliseconds since the epoch. */
  until: number;
}

export interface TopState {
  /** As in the settings: `nats://127.0.0.1:4222`. */
  broker: string;
  services: readonly ServiceInfo[];
  sight: Sight;
  /** Milliseconds since the epoch. */
  now: number;
  size: TerminalSize;
  unicode: boolean;
  sort: Sort;
  /** Also what is stopped, removed or old. */
  all: boolean;
  /** Only ids that contain this word. */
  filter: string;
  /** Ids of those whose children are not shown. */
  folded: ReadonlySet<string>;
  mode: Mode;
  pane: Pane | undefined;
  notice: Notice | undefined;
  /** The selected row: its id, and where it was last. */
  selected: { id: string; index: number } | undefined;
  /** The first row shown. */
  first: number;
}

export type TopInput =
  | { type: "key"; key: Key }
  | { type: "fleet"; services: readonly ServiceInfo[]; sight: Sight; now: number }
  | { type: "size"; size: TerminalSize }
  /** What became of an order, or of a question. */
  | { type: "notice"; text: string; style: Notice["style"] }
  /** For the pane, if it is still that one; `added`: lines of a log, behind those that are there. */
  | { type: "lines"; kind: "log" | "why"; id: string; lines: readonly Span[]; added: boolean };

export type TopEffect =
  | { type: "order"; verb: OrderVerb; id: string }
  | { type: "why"; id: string }
  | { type: "log"; id: string }
  /** The log is not wanted any more. */
  | { type: "endLog" }
  | { type: "redraw" }
  | { type: "suspend" }
  | { type: "quit" };

export function initialState(broker: string, size: TerminalSize, unicode: boolean, now: number): TopState {
  return {
    broker,
    services: [],
    sight: { state: "connecting", since: now, notes: [] },
    now,
    size,
    unicode,
    sort: "tree",
    all: false,
    filter: "",
    folded: new Set(),
    mode: { kind: "list" },
    pane: undefined,
    notice: undefined,
    selected: undefined,
    first: 0,
  };
}
