// What the page knows: services, their history, what happened. Everybody who shows it subscribes.

/** @typedef {import("../told.ts").ToldService} Service */
/** @typedef {import("../told.ts").ToldEntry} Entry */
/** @typedef {import("../told.ts").HealthPoint} Point */
/** @typedef {import("../told.ts").Sample} Sample */

const HOUR_MS = 3_600_000;
const MOST_ENTRIES = 300;
const MOST_SAMPLES = 120;
const MOST_SERIES = 20;
const MOST_LINES = 300;

export const store = {
  /** @type {Map<string, Service>} */
  services: new Map(),
  /** @type {import("../told.ts").ToldSummary | undefined} */
  summary: undefined,
  /** @type {Map<string, Point[]>} */
  history: new Map(),
  /** Newest first. @type {Entry[]} */
  entries: [],
  /** Of the selected service. @type {Map<string, Sample[]>} */
  samples: new Map(),
  /** Of the selected service. @type {import("../told.ts").ToldLine[]} */
  log: [],
  /** @type {import("../told.ts").About} */
  about: { prefix: "svc", readOnly: true, version: "", broker: "" },
  mayOrder: false,
  /** @type {import("../told.ts").BrokerState} */
  broker: "never",
  /** When the broker went away, by the page's own clock. */
  awaySince: 0,
  /** When the server was last heard, by the page's own clock; 0: never. */
  heardAt: 0,
  /** What the server's clock is ahead of ours, milliseconds. */
  offset: 0,
  isConnected: false,
  filter: "",
  /** @type {string | undefined} */
  selected: undefined,
  /** Whose health has just changed. @type {Set<string>} */
  changed: new Set(),
};

/** @type {Set<() => void>} */
const listeners = new Set();
let isDue = false;

/** @param {() => void} listener */
export function subscribe(listener) {
  listeners.add(listener);
}

/** Shows soon what has changed: many changes are one look. */
export function touch() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    for (const listener of listeners) listener();
    store.changed.clear();
  });
}

/** By the server's clock. */
export function now() {
  return Date.now() + store.offset;
}

/** @param {string | undefined} id */
export function select(id) {
  if (store.selected === id) return;
  store.selected = id;
  store.samples.clear();
  store.log = [];
  touch();
}

/** @param {import("../told.ts").Told} told */
export function take(told) {
  store.heardAt = Date.now();
  switch (told.type) {
    case "hello":
      store.offset = told.time - Date.now();
      store.about = told.about;
      store.mayOrder = told.mayOrder;
      break;
    case "broker":
      if (told.state === "away" && store.broker !== "away") store.awaySince = Date.now();
      store.broker = told.state;
      break;
    case "history":
      store.history = new Map(Object.entries(told.points));
      break;
    case "fleet":
      store.services = new Map(told.services.map((service) => [service.serviceId, service]));
      store.summary = told.summary;
      break;
    case "change":
      change(told.services, told.gone);
      store.summary = told.summary;
      break;
    case "entries":
      addEntries(told.isAll ? [] : store.entries, told.entries);
      break;
    case "beat":
      beat(told);
      break;
    case "samples":
      if (told.id === store.selected) store.samples = new Map(Object.entries(told.series));
      break;
    case "log":
      if (told.id === store.selected) store.log = [...(told.isAll ? [] : store.log), ...told.lines].slice(-MOST_LINES);
      break;
    case "refused":
      break;
  }
  touch();
}

/** @param {Service[]} services @param {string[]} gone */
function change(services, gone) {
  for (const id of gone) {
    store.services.delete(id);
    store.history.delete(id);
  }
  for (const service of services) {
    const before = store.services.get(service.serviceId);
    store.services.set(service.serviceId, service);
    if (before?.health === service.health) continue;
    store.changed.add(service.serviceId);
    const points = store.history.get(service.serviceId) ?? [];
    if (points.at(-1)?.[1] !== service.health) points.push([now(), service.health]);
    // The last one before the hour tells how it begins.
    while (points[1] && points[1][0] < now() - HOUR_MS) points.shift();
    store.history.set(service.serviceId, points);
  }
}

/** @param {Entry[]} known @param {Entry[]} more */
function addEntries(known, more) {
  store.entries = [...more, ...known].sort((a, b) => b.time - a.time).slice(0, MOST_ENTRIES);
}

/** @param {Extract<import("../told.ts").Told, { type: "beat" }>} told */
function beat({ time, beats }) {
  store.offset = time - Date.now();
  for (const [id, { at, metrics }] of Object.entries(beats)) {
    const service = store.services.get(id);
    if (service) service.heartbeatTime = at;
    if (id !== store.selected) continue;
    makeRoom(metrics ?? {});
    for (const [name, value] of Object.entries(metrics ?? {})) {
      store.samples.set(name, [...(store.samples.get(name) ?? []), sample(time, value)].slice(-MOST_SAMPLES));
    }
  }
}

/**
 * A service whose metrics have ever-new names: those it no longer tells go, the oldest first.
 * @param {Record<string, number>} told
 */
function makeRoom(told) {
  const gone = [...store.samples.keys()].filter((name) => !Object.hasOwn(told, name));
  const coming = Object.keys(told).filter((name) => !store.samples.has(name)).length;
  for (const name of gone.slice(0, Math.max(0, store.samples.size + coming - MOST_SERIES))) store.samples.delete(name);
}

/** @param {number} time @param {number} value @returns {Sample} */
function sample(time, value) {
  return [time, value];
}
