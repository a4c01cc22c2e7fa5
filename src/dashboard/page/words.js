// Words and signs that several parts of the page use.

/** @type {Record<string, string>} */
const SYMBOLS = { ok: "●", starting: "◌", warning: "▲", failed: "✖", dead: "✖", stopped: "○" };

/** Not only the colour tells. @param {string} health */
export function symbolOf(health) {
  return SYMBOLS[health] ?? "?";
}

/** @param {number} ms */
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

/** A service between its runs: `runs in 4 min (every 5 m)`. @param {import("./tree.js").Row["service"]} service @param {number} time */
export function restWords(service, time) {
  if (!service?.timetable || service.running) return "";
  const { schedule, nextRun } = service.timetable;
  return nextRun === undefined ? schedule : `runs in ${span(nextRun - time)} (${schedule})`;
}

/** `2026-11-21 03:40:17` @param {number} time */
export function utc(time) {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** A launcher is called by what tells it apart. @param {string} id */
export function shortName(id) {
  const [, hash, host, kind] = /^(?:launcher\.)?launcher\.([^.]+)\.(.+)-([^-.]+)-launcher$/.exec(id) ?? [];
  return hash === undefined ? id : `launcher ${hash} on ${host} (${kind})`;
}
