// The selected service: what is known of it, its metrics, its log, and what can be ordered.
import { byId, fill, make, setText } from "./dom.js";
import { spark } from "./draw.js";
import { askFor } from "./orders.js";
import { now, store } from "./store.js";
import { askToken } from "./token.js";
import { shortName, span, symbolOf, utc } from "./words.js";

/** @typedef {import("./store.js").Service} Service */

export function showDetail() {
  const service = store.selected === undefined ? undefined : store.services.get(store.selected);
  byId("detail").hidden = !service;
  document.body.classList.toggle("with-detail", service !== undefined);
  if (!service) return;
  setText(byId("detail-name"), shortName(service.serviceId));
  const status = byId("detail-status");
  setText(status, `${symbolOf(service.health)} ${service.status}${service.words ? `: ${service.words}` : ""}`);
  status.className = service.health;
  showOrders(service);
  showFacts(service);
  showMetrics();
  showLog();
}

/** @param {Service} service */
function showOrders({ serviceId, kind, ephemeral, running }) {
  const { mayOrder, about } = store;
  fill(byId("orders"), { serviceId, kind, ephemeral, running, mayOrder, readOnly: about.readOnly }, () => {
    if (kind !== "service") return [];
    if (ephemeral) return [dim("run by hand: no launcher controls it")];
    if (about.readOnly) return [dim("this dashboard is read-only")];
    if (!mayOrder) return [dim("orders need the token"), button("enter it", askToken, {})];
    return (running ? ["restart", "stop"] : ["start", "restart"]).map((verb) =>
      button(verb, () => askFor(verb, serviceId), { "data-order": verb }),
    );
  });
}

/** @param {string} text */
function dim(text) {
  return make("span", { class: "dim" }, [text]);
}

/** @param {string} text @param {() => Promise<void>} act @param {Record<string, string>} attributes */
function button(text, act, attributes) {
  const element = make("button", { type: "button", ...attributes }, [text]);
  element.addEventListener("click", () => void act());
  return element;
}

/** @param {Service} service */
function showFacts({ serviceId, parent, host, pid, startTime, running, restarts, exitCode, timetable }) {
  /** @type {[string, string | undefined][]} */
  const all = [
    ["Id", serviceId],
    ["Launcher", parent && shortName(parent)],
    ["Host", host && `${host}${pid === undefined ? "" : `, pid ${pid}`}`],
    ["Started", startTime === undefined ? undefined : `${utc(startTime)} UTC`],
    ["Uptime", startTime === undefined || !running ? undefined : span(now() - startTime)],
    ["Restarts", restarts === undefined ? undefined : String(restarts)],
    ["Last exit", exitCode === undefined ? undefined : String(exitCode)],
    ["Schedule", timetable?.schedule],
    ["Next run", timetable?.nextRun === undefined ? undefined : `${utc(timetable.nextRun)} UTC`],
  ];
  const facts = all.filter(([, value]) => value !== undefined && value !== "");
  fill(byId("facts"), facts, () =>
    facts.flatMap(([name, value]) => [make("dt", {}, [name]), make("dd", {}, [value ?? ""])]),
  );
}

function showMetrics() {
  const series = [...store.samples];
  byId("metrics-part").hidden = series.length === 0;
  fill(byId("metrics"), series, () =>
    series.map(([name, samples]) =>
      make("div", { class: "metric" }, [
        make("span", {}, [`${name} ${numberText(samples.at(-1)?.[1])}`]),
        spark(name, samples),
      ]),
    ),
  );
}

/** @param {number | undefined} value */
function numberText(value) {
  return value === undefined ? "" : String(Number(value.toPrecision(6)));
}

/** @type {Record<string, string>} */
const LEVELS = { debug: "dim", warning: "warning", error: "failed", critical: "failed" };

/** @param {import("../told.ts").ToldLine} line */
function logLine({ time, level, text }) {
  const clock = make("time", { class: "dim", datetime: new Date(time).toISOString() }, [utc(time).slice(11)]);
  const word = level === "info" ? "" : `${level.toUpperCase()} `;
  return make("div", {}, [clock, " ", make("span", { class: LEVELS[level] ?? "" }, [`${word}${text}`])]);
}

function showLog() {
  const place = byId("log");
  const isAtEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 5;
  fill(place, store.log, () => store.log.map(logLine));
  if (isAtEnd) place.scrollTop = place.scrollHeight;
}
