// What happens to the state of `tcs top`: a key, news of the fleet, an answer. Pure.
import type { OrderVerb } from "../../client/index.ts";
import { helpLines } from "./help.ts";
import { type Key, pastedText } from "./keys.ts";
import { heightsOf } from "./layout.ts";
import { listOf } from "./rows.ts";
import { type Pane, SORTS, type TopEffect, type TopInput, type TopState } from "./state.ts";

/** How long a notice stays, milliseconds. */
const NOTICE_MS = 10_000;
/** A log in its pane has at most so many lines. */
const MOST_LOG_LINES = 2_000;
const LONGEST_FILTER = 200;

export interface Step {
  state: TopState;
  effects: TopEffect[];
}

export function update(state: TopState, input: TopInput): Step {
  const { state: next, effects } = take(state, input);
  return { state: settled(next), effects };
}

function take(state: TopState, input: TopInput): Step {
  switch (input.type) {
    case "key":
      return press(state, input.key);
    case "fleet": {
      const { services, sight, now } = input;
      const notice = state.notice && state.notice.until > now ? state.notice : undefined;
      return only({ ...state, services, sight, now, notice });
    }
    case "size":
      return { state: { ...state, size: input.size }, effects: [{ type: "redraw" }] };
    case "notice":
      return only(withNotice(state, input.text, input.style));
    case "lines": {
      const { pane } = state;
      if (!pane || pane.kind !== input.kind || pane.id !== input.id) return only(state);
      const lines = input.added ? [...pane.lines, ...input.lines].slice(-MOST_LOG_LINES) : input.lines;
      // Who looks back in a log goes on looking at the same lines.
      const scroll = input.added && pane.scroll > 0 ? pane.scroll + input.lines.length : pane.scroll;
      return only({ ...state, pane: { ...pane, lines, scroll: Math.min(scroll, Math.max(0, lines.length - 1)) } });
    }
    default:
      return input satisfies never;
  }
}

function press(state: TopState, key: Key): Step {
  if (key === "ctrl-c") return { state, effects: [{ type: "quit" }] };
  if (key === "ctrl-z") return { state, effects: [{ type: "suspend" }] };
  if (key === "ctrl-l") return { state, effects: [{ type: "redraw" }] };
  if (state.mode.kind === "confirm") return confirm(state, state.mode, key);
  if (state.mode.kind === "filter") return only(typeFilter(state, state.mode.before, key));
  return state.pane ? pressInPane(state, state.pane, key) : pressInList(state, key);
}

function confirm(state: TopState, { verb, id }: { verb: OrderVerb; id: string }, key: Key): Step {
  const list: TopState = { ...state, mode: { kind: "list" } };
  if (key !== "y" && key !== "Y") return only(withNotice(list, `${id}: nothing was done`, "dim"));
  return { state: withNotice(list, `${verb} ${id} …`, "dim"), effects: [{ type: "order", verb, id }] };
}

function typeFilter(state: TopState, before: string, key: Key): TopState {
  const { filter } = state;
  switch (key) {
    case "enter":
      return { ...state, mode: { kind: "list" } };
    case "escape":
      return { ...state, mode: { kind: "list" }, filter: before };
    case "backspace":
      return { ...state, filter: [...filter].slice(0, -1).join("") };
    case "ctrl-u":
      return { ...state, filter: "" };
    default: {
      const text = pastedText(key) ?? ([...key].length === 1 ? key : "");
      // Ids have no spaces, nor what cannot be seen.
      const added = text.replace(/[\s\p{C}]/gu, "");
      return { ...state, filter: `${filter}${added}`.slice(0, LONGEST_FILTER) };
    }
  }
}

function pressInPane(state: TopState, pane: Pane, key: Key): Step {
  const page = heightsOf(state).body;
  const end: TopEffect[] = pane.kind === "log" ? [{ type: "endLog" }] : [];
  // Of a log the end is shown first: up is back.
  const direction = pane.kind === "log" ? -1 : 1;
  const scrolled = (by: number): Step => {
    const most = Math.max(0, pane.lines.length - 1);
    const scroll = Math.min(most, Math.max(0, pane.scroll + by * direction));
    return only({ ...state, pane: { ...pane, scroll } });
  };
  switch (key) {
    case "q":
    case "escape":
    case "left":
    case "h":
      return { state: { ...state, pane: undefined }, effects: end };
    case "up":
    case "k":
      return scrolled(-1);
    case "down":
    case "j":
      return scrolled(1);
    case "pageup":
      return scrolled(-page);
    case "pagedown":
    case " ":
      return scrolled(page);
    case "home":
    case "g":
      return scrolled(-pane.lines.length);
    case "end":
    case "G":
      return scrolled(pane.lines.length);
    case "l":
    case "w":
    case "?": {
      const { state: next, effects } = open({ ...state, pane: undefined }, key, pane.id);
      return { state: next, effects: [...end, ...effects] };
    }
    default:
      return only(state);
  }
}

function pressInList(state: TopState, key: Key): Step {
  const page = heightsOf(state).body;
  const { rows } = listOf(state);
  const index = state.selected?.index ?? 0;
  const id = state.selected?.id;
  switch (key) {
    case "q":
      return { state, effects: [{ type: "quit" }] };
    case "up":
    case "k":
      return only(selected(state, index - 1));
    case "down":
    case "j":
      return only(selected(state, index + 1));
    case "pageup":
    case "ctrl-b":
      return only(selected(state, index - page));
    case "pagedown":
    case "ctrl-f":
      return only(selected(state, index + page));
    case "home":
    case "g":
      return only(selected(state, 0));
    case "end":
    case "G":
      return only(selected(state, rows.length - 1));
    case "/":
      return only({ ...state, mode: { kind: "filter", before: state.filter } });
    case "escape":
      return only({ ...state, filter: "", notice: undefined });
    case "a":
      return only({ ...state, all: !state.all });
    case "o":
      return only({ ...state, sort: SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length] ?? "tree" });
    case " ":
    case "enter":
      return only(id === undefined ? state : folded(state, id));
    case "r":
      return order(state, "restart", id);
    case "s":
      return order(state, "stop", id);
    case "S":
      return order(state, "start", id);
    case "l":
    case "w":
    case "?":
      return open(state, key, id ?? "");
    default:
      return only(state);
  }
}

/** Asks first. */
function order(state: TopState, verb: OrderVerb, id: string | undefined): Step {
  const info = state.services.find(({ serviceId }) => serviceId === id);
  if (!info) return only(state);
  if (info.kind === "launcher")
    return only(withNotice(state, "this is a launcher: choose one of its services", "yellow"));
  if (state.sight.state !== "live")
    return only(withNotice(state, "there is no connection to give orders over", "yellow"));
  return only({ ...state, mode: { kind: "confirm", verb, id: info.serviceId }, notice: undefined });
}

function open(state: TopState, key: "l" | "w" | "?", id: string): Step {
  if (key === "?") return only({ ...state, pane: { kind: "help", id, lines: helpLines(state.unicode), scroll: 0 } });
  if (id === "" || !state.services.some(({ serviceId }) => serviceId === id)) return only(state);
  if (state.sight.state !== "live") return only(withNotice(state, "there is no connection to ask over", "yellow"));
  const kind = key === "l" ? "log" : "why";
  const pane: Pane = { kind, id, lines: [{ text: "asking …", style: "dim" }], scroll: 0 };
  return { state: { ...state, pane }, effects: [{ type: kind, id }] };
}

function folded(state: TopState, id: string): TopState {
  const sets = new Set(state.folded);
  if (!sets.delete(id)) sets.add(id);
  return { ...state, folded: sets };
}

function selected(state: TopState, index: number): TopState {
  const { rows } = listOf(state);
  const at = Math.min(rows.length - 1, Math.max(0, index));
  const row = rows[at];
  return row ? { ...state, selected: { id: row.line.node.id, index: at } } : state;
}

/** The selection goes with its service, wherever that is now; if it is gone, it stays where it was, and in sight. */
function settled(state: TopState): TopState {
  const { rows } = listOf(state);
  if (rows.length === 0)
    return state.selected === undefined && state.first === 0 ? state : { ...state, first: 0, selected: undefined };
  const { id, index = 0 } = state.selected ?? {};
  const isThere = rows[index]?.line.node.id === id;
  const found = isThere ? index : rows.findIndex(({ line }) => line.node.id === id);
  const moved = found === index && isThere ? state : selected(state, found < 0 ? index : found);
  const at = moved.selected?.index ?? 0;
  const height = Math.max(1, heightsOf(moved).body);
  const most = Math.max(0, rows.length - height);
  const first = Math.min(most, at, Math.max(moved.first, at - height + 1));
  return first === moved.first ? moved : { ...moved, first };
}

function withNotice(state: TopState, text: string, style: "dim" | "yellow" | "red"): TopState {
  return { ...state, notice: { text, style, until: state.now + NOTICE_MS } };
}

function only(state: TopState): Step {
  return { state, effects: [] };
}
