// Small pictures: the last hour of a status, and a metric over time.
import { svg } from "./dom.js";

const HOUR_MS = 3_600_000;
const WIDTH = 120;
const HEIGHT = 14;
/** How high a bar is: not only the colour tells. @type {Record<string, number>} */
const HEIGHTS = { ok: 4, stopped: 2, starting: 8, unknown: 6, warning: 10 };

/** @param {import("./store.js").Point[]} points @param {number} now */
export function strip(points, now) {
  const from = now - HOUR_MS;
  const x = (/** @type {number} */ time) => Math.max(0, ((time - from) / HOUR_MS) * WIDTH);
  const bars = points.map(([time, health], i) => {
    const left = Math.min(x(time), WIDTH - 1);
    const height = HEIGHTS[health] ?? HEIGHT;
    return svg("rect", {
      class: health,
      x: left.toFixed(1),
      y: (HEIGHT - height) / 2,
      width: Math.max(1, x(points[i + 1]?.[0] ?? now) - left).toFixed(1),
      height,
    });
  });
  const words = points.length === 0 ? "not known" : lastOf(points).join(", then ");
  return svg(
    "svg",
    { class: "strip", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `last hour: ${words}` },
    [svg("rect", { class: "track", x: 0, y: HEIGHT / 2, width: WIDTH, height: 1 }), ...bars],
  );
}

/** @param {import("./store.js").Point[]} points */
function lastOf(points) {
  return points.slice(-5).map(([, health]) => health);
}

/** @param {string} name @param {import("./store.js").Sample[]} samples */
export function spark(name, samples) {
  const values = samples.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = high - low || 1;
  const line = values.map((value, i) => {
    const x = (i / Math.max(1, values.length - 1)) * 156 + 2;
    const y = 25 - ((value - low) / room) * 22;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  // One value is a line too.
  if (line.length === 1) line.push("158,25");
  const label = `${name}: ${values.length} values from ${low} to ${high}`;
  return svg("svg", { class: "spark", viewBox: "0 0 160 28", role: "img", "aria-label": label }, [
    svg("polyline", { points: line.join(" "), fill: "none", stroke: "currentColor", "stroke-width": 1.5 }),
  ]);
}
