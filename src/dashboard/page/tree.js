// The fleet as a tree: hosts, their launchers, their services, their parts.
import { store } from "./store.js";
import { shortName } from "./words.js";

/** @typedef {import("./store.js").Service} Service */
/** @typedef {import("../told.ts").ToldPart} Part */
/**
 * @typedef {object} Row
 * @property {string} key
 * @property {string} [id] of what can be selected
 * @property {string} name
 * @property {"host" | "launcher" | "service" | "part"} kind
 * @property {number} depth
 * @property {string} health
 * @property {string} status
 * @property {string} message
 * @property {Service} [service]
 */

const WORST = ["dead", "failed", "warning", "unknown", "starting", "stopped", "ok"];
/** More would make the page slow. */
const MOST_ROWS = 1_000;
const DEEPEST_PART = 8;

/** @param {string[]} healths */
export function worst(healths) {
  return WORST.find((health) => healths.includes(health)) ?? "unknown";
}

/** Of those that are meant to run: what was stopped on purpose says nothing. @param {string[]} healths */
export function worstExpected(healths) {
  const expected = healths.filter((health) => health !== "stopped");
  return worst(expected.length > 0 ? expected : ["ok"]);
}

/** What is shown, in order, and how much is left out. @returns {{ shown: Row[], left: number }} */
export function rows() {
  const all = matching(tree());
  if (all.length <= MOST_ROWS) return { shown: all, left: 0 };
  // What is not well is the last to be left out.
  const calm = all.filter(({ health, kind }) => health === "ok" && kind !== "host" && kind !== "launcher");
  const out = new Set(calm.slice(-(all.length - MOST_ROWS)));
  const shown = all.filter((row) => !out.has(row)).slice(0, MOST_ROWS);
  return { shown, left: all.length - shown.length };
}

/** What can be seen: whatever runs or should, and what a living launcher could start. */
function visible() {
  return [...store.services.values()].filter(({ current, running, declared, parent }) => {
    if (current || running) return true;
    return declared && parent !== undefined && store.services.get(parent)?.running === true;
  });
}

/** @returns {Row[]} */
function tree() {
  const services = visible();
  const ids = new Set(services.map(({ serviceId }) => serviceId));
  const below = Map.groupBy(services, ({ parent, serviceId }) =>
    parent !== undefined && ids.has(parent) && parent !== serviceId ? parent : "",
  );
  const hosts = Map.groupBy(below.get("") ?? [], ({ host }) => host ?? "host not known");
  return [...hosts.keys()].sort().flatMap((host) => {
    const inside = inOrder(hosts.get(host)).flatMap((service) => serviceRows(service, 1, below, new Set()));
    const count = inside.filter(({ kind }) => kind === "service").length;
    return [
      {
        key: `host ${host}`,
        name: host,
        kind: /** @type {const} */ ("host"),
        depth: 0,
        health: worstExpected(inside.filter(({ kind }) => kind !== "part").map(({ health }) => health)),
        status: "",
        message: `${count} service${count === 1 ? "" : "s"}`,
      },
      ...inside,
    ];
  });
}

/** @param {Service} service @param {number} depth @param {Map<string, Service[]>} below @param {Set<string>} above @returns {Row[]} */
function serviceRows(service, depth, below, above) {
  const { serviceId, kind, status, health, words } = service;
  // Parents may go round in a circle: what others write is not ours to trust.
  if (above.has(serviceId)) return [];
  const path = new Set([...above, serviceId]);
  return [
    {
      key: serviceId,
      id: serviceId,
      name: shortName(serviceId),
      kind,
      depth,
      health,
      status,
      message: words,
      service,
    },
    ...partRows(serviceId, service.parts, depth + 1),
    ...inOrder(below.get(serviceId)).flatMap((child) => serviceRows(child, depth + 1, below, path)),
  ];
}

/** @param {string} path @param {Part[]} parts @param {number} depth @returns {Row[]} */
function partRows(path, parts, depth) {
  if (depth > DEEPEST_PART) return [];
  return parts.flatMap(({ name, status, health, message, parts: below }) => [
    {
      key: `${path}/${name}`,
      name,
      kind: /** @type {const} */ ("part"),
      depth,
      health,
      status,
      message: message ?? "",
    },
    ...partRows(`${path}/${name}`, below, depth + 1),
  ]);
}

/** @param {Service[] | undefined} services */
function inOrder(services = []) {
  return services.sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
}

/** A row that fits is shown with those it belongs to. @param {Row[]} all */
function matching(all) {
  const word = store.filter.trim().toLowerCase();
  if (word === "") return all;
  /** @type {Set<Row>} */
  const kept = new Set();
  /** @type {Row[]} */
  const path = [];
  for (const row of all) {
    path.length = row.depth;
    path[row.depth] = row;
    const text = `${row.id ?? ""} ${row.name} ${row.status} ${row.health} ${row.message}`.toLowerCase();
    if (text.includes(word)) for (const one of path) if (one) kept.add(one);
  }
  return all.filter((row) => kept.has(row));
}
