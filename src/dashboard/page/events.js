// What happened, newest first: to the fleet, or to the service that is selected.
import { byId, fill, make, setText } from "./dom.js";
import { store } from "./store.js";
import { shortName, utc } from "./words.js";

const MOST_SHOWN = 100;
/** @type {Record<string, string>} */
const CLASSES = { error: "failed", warning: "warning", info: "" };

export function showEvents() {
  const { selected, entries } = store;
  setText(byId("events-of"), selected === undefined ? "" : `of ${shortName(selected)}`);
  const chosen = selected === undefined ? entries : entries.filter(({ serviceId }) => serviceId === selected);
  const shown = chosen.slice(0, MOST_SHOWN);
  fill(byId("events"), shown, () => (shown.length === 0 ? [make("li", { class: "dim" }, ["none"])] : withDays(shown)));
}

/** @param {import("./store.js").Entry[]} entries */
function withDays(entries) {
  let day = "";
  return entries.flatMap(({ time, serviceId, severity, text }) => {
    const [date = "", clock = ""] = utc(time).split(" ");
    const head = date === day ? [] : [make("li", { class: "day dim" }, [`${date} UTC`])];
    day = date;
    const name = store.selected === undefined ? `${shortName(serviceId)}: ` : "";
    const when = make("time", { class: "dim", datetime: new Date(time).toISOString() }, [clock]);
    return [...head, make("li", {}, [when, " ", make("span", { class: CLASSES[severity] ?? "" }, [`${name}${text}`])])];
  });
}
