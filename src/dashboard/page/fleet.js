// The table of the fleet: rows are kept and only what differs is written, so that nothing flickers or loses focus.
import { byId, make, setAttribute, setText } from "./dom.js";
import { strip } from "./draw.js";
import { now, select, store } from "./store.js";
import { rows } from "./tree.js";
import { restWords, shortName, span, symbolOf } from "./words.js";

const COLUMNS = ["name", "status", "hour", "beat", "uptime", "message"];
/** How old a strip may be. */
const STRIP_MS = 30_000;

/** @type {Map<string, HTMLTableRowElement>} */
const drawn = new Map();

/** Ids of the rows that can be selected, in order. @type {string[]} */
export let selectable = [];

export function showFleet() {
  const { shown, left } = rows();
  selectable = shown.flatMap(({ id }) => id ?? []);
  const keys = new Set(shown.map(({ key }) => key));
  for (const [key, element] of drawn) {
    if (keys.has(key)) continue;
    element.remove();
    drawn.delete(key);
  }
  const body = byId("rows");
  let at = body.firstElementChild;
  for (const row of shown) {
    const element = drawn.get(row.key) ?? newRow(row);
    if (element === at) at = at.nextElementSibling;
    else body.insertBefore(element, at);
    write(element, row);
  }
  showNote(shown.length, left);
  showOverall();
}

/** @param {string} id */
export function focusRow(id) {
  const row = drawn.get(id);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

/** @param {import("./tree.js").Row} row */
function newRow({ key, kind, id, depth }) {
  const cells = COLUMNS.map((name) => make("td", { class: name, role: "gridcell" }));
  const attributes = { class: kind, role: "row", "data-key": key, "aria-level": String(depth + 1) };
  const element = /** @type {HTMLTableRowElement} */ (make("tr", attributes, cells));
  if (id !== undefined) element.addEventListener("click", () => select(id));
  drawn.set(key, element);
  return element;
}

/** @param {HTMLTableRowElement} element @param {import("./tree.js").Row} row */
function write(element, row) {
  const [name, status, strips, beat, uptime, message] = element.cells;
  if (!name || !status || !strips || !beat || !uptime || !message) return;
  setText(name, row.name);
  name.style.paddingLeft = `${0.5 + 1.2 * row.depth}rem`;
  setText(status, `${symbolOf(row.health)} ${row.status}`);
  status.className = `status ${row.health}`;
  setText(message, row.message || restWords(row.service, now()));
  element.classList.toggle("changed", store.changed.has(row.key));
  const { service, id } = row;
  if (!service) return;
  const isSelected = id === store.selected;
  setAttribute(element, "aria-selected", String(isSelected));
  const isFirst = store.selected === undefined && id === selectable[0];
  // One of them is reached by Tab, the others by the arrows.
  setAttribute(element, "tabindex", isSelected || isFirst ? "0" : "-1");
  const time = now();
  const { heartbeatTime, startTime, running } = service;
  setText(beat, running && heartbeatTime !== undefined ? `♥ ${span(time - heartbeatTime)}` : "");
  setText(uptime, running && startTime !== undefined ? span(time - startTime) : "");
  const points = store.history.get(service.serviceId) ?? [];
  const state = `${Math.floor(time / STRIP_MS)} ${points.length} ${points.at(-1)?.[0]}`;
  if (strips.dataset.state === state) return;
  strips.dataset.state = state;
  strips.replaceChildren(strip(points, time));
}

/** @param {number} count @param {number} left */
function showNote(count, left) {
  const note = byId("note");
  note.hidden = count > 0 && left === 0;
  if (left > 0) setText(note, `${left} more, all well: filter (/) to see them`);
  else if (store.filter) setText(note, `nothing fits "${store.filter}"`);
  else setText(note, store.broker === "live" ? "no service is known: start a fleet with tcs run" : "");
}

function showOverall() {
  const { summary } = store;
  if (!summary) return;
  const { status, health, worst, troubled, running, services } = summary;
  const named = worst.map((one) => `${shortName(one.serviceId)} ${one.status}`);
  if (troubled > named.length) named.push(`${troubled - named.length} more`);
  const trouble = named.length === 0 ? "" : `: ${named.join(", ")}`;
  setText(byId("overall"), `${status}${trouble}  ·  ${running} of ${services} running`);
  const symbol = byId("overall-symbol");
  setText(symbol, symbolOf(health));
  symbol.className = `symbol ${health}`;
  document.title = `${symbolOf(health)} ${troubled > 0 ? `${troubled} not well` : status} · tcs`;
}
