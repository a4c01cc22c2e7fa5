// The keyboard, and the buttons that do the same.
import { byId, dialogById, inputById } from "./dom.js";
import { focusRow, selectable } from "./fleet.js";
import { askFor, say } from "./orders.js";
import { select, store, touch } from "./store.js";

const THEMES = ["dark", "red", "light"];
const filter = inputById("filter");

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  Home: () => move(Number.NEGATIVE_INFINITY),
  End: () => move(Number.POSITIVE_INFINITY),
  Enter: () => byId("detail").querySelector("button")?.focus(),
  Escape: leaveDetail,
  "/": () => filter.focus(),
  n: nextTheme,
  r: () => orderSelected("restart"),
  s: () => orderSelected("stop"),
  S: () => orderSelected("start"),
  "?": () => dialogById("help").showModal(),
};
/** In these the browser has its own use for some keys. */
const SCROLLED = ["ArrowDown", "ArrowUp", "Home", "End"];

/** @param {number} step */
function move(step) {
  if (selectable.length === 0) return;
  const at = store.selected === undefined ? -1 : selectable.indexOf(store.selected);
  const last = selectable.length - 1;
  const wanted = at < 0 && Number.isFinite(step) ? (step > 0 ? 0 : last) : at + step;
  const id = selectable[Math.min(last, Math.max(0, wanted))];
  select(id);
  if (id !== undefined) focusRow(id);
}

function leaveDetail() {
  const id = store.selected;
  select(undefined);
  if (id !== undefined) focusRow(id);
}

/** @param {string} verb */
function orderSelected(verb) {
  if (store.selected === undefined) say("select a service first");
  else void askFor(verb, store.selected);
}

function nextTheme() {
  const at = THEMES.indexOf(document.documentElement.dataset.theme ?? "dark");
  const theme = THEMES[(at + 1) % THEMES.length] ?? "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  showTheme();
}

function showTheme() {
  byId("theme").textContent = document.documentElement.dataset.theme ?? "dark";
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {Element} */ (event.target);
  if (target === filter) {
    if (event.key === "Escape" || event.key === "Enter") filter.blur();
    return;
  }
  if (event.key === "Enter" && target.closest("button, a")) return;
  if (SCROLLED.includes(event.key) && target.closest("#log, #events")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function listen() {
  document.addEventListener("keydown", press);
  filter.addEventListener("input", () => {
    store.filter = filter.value;
    touch();
  });
  byId("theme").addEventListener("click", nextTheme);
  byId("help-button").addEventListener("click", () => dialogById("help").showModal());
  byId("detail-close").addEventListener("click", leaveDetail);
  showTheme();
}
