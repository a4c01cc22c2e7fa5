// What the dashboard keeps of the past: how services were, and their numbers.
import { expect, test } from "bun:test";
import type { TimelineEntry } from "../../src/client/timeline/index.ts";
import { HealthHistory } from "../../src/dashboard/health-history.ts";
import { MetricHistory, numbersOf } from "../../src/dashboard/metric-history.ts";
import { serviceInfo } from "./service-info.ts";

const NOW = Date.UTC(2026, 10, 20, 22);
const MINUTE = 60_000;

function entry(kind: TimelineEntry["kind"], ago: number, more: Partial<TimelineEntry> = {}): TimelineEntry {
  return { time: NOW - ago * MINUTE, serviceId: "a.a", kind, severity: "info", text: kind, minor: false, ...more };
}

test("the story of a service becomes points, each where its health changes", () => {
  const history = new HealthHistory();
  history.takeStory([
    entry("declared", 50),
    entry("started", 50),
    entry("ready", 49),
    entry("status", 40, { status: "busy" }),
    entry("status", 30, { status: "degraded" }),
    entry("crashed", 20),
    entry("failed", 20),
    entry("order", 10),
    entry("stopped", 9),
  ]);
  expect(history.all(NOW)).toEqual({
    "a.a": [
      [NOW - 50 * MINUTE, "starting"],
      [NOW - 49 * MINUTE, "ok"],
      [NOW - 30 * MINUTE, "warning"],
      [NOW - 20 * MINUTE, "failed"],
      [NOW - 9 * MINUTE, "stopped"],
    ],
  });
});

test("of what was before the last hour the last point stays", () => {
  const history = new HealthHistory();
  history.takeStory([entry("started", 200), entry("ready", 199), entry("crashed", 30)]);
  expect(history.all(NOW)["a.a"]?.map(([, health]) => health)).toEqual(["ok", "failed"]);
});

test("a service without a story has been so since its status came; one that is silent, since now", () => {
  const history = new HealthHistory();
  history.note(serviceInfo("a.a", { health: "ok", statusTime: NOW - 10 * MINUTE }), NOW);
  history.note(serviceInfo("b.b", { health: "dead", statusTime: NOW - 10 * MINUTE }), NOW);
  history.note(serviceInfo("a.a", { health: "failed", statusTime: NOW - 9 * MINUTE }), NOW);
  expect(history.all(NOW)).toEqual({
    "a.a": [
      [NOW - 10 * MINUTE, "ok"],
      [NOW, "failed"],
    ],
    "b.b": [[NOW, "dead"]],
  });
  history.forget("a.a");
  expect(Object.keys(history.all(NOW))).toEqual(["b.b"]);
});

test("a service that changes all the time keeps a bounded number of points", () => {
  const history = new HealthHistory();
  for (let i = 0; i < 5_000; i++) history.note(serviceInfo("a.a", { health: i % 2 ? "ok" : "failed" }), NOW + i);
  expect(history.all(NOW)["a.a"]?.length).toBe(500);
});

test("only finite numbers of a service's metrics are kept, at most twenty", () => {
  expect(numbersOf({ a: 1, b: "2", c: Number.NaN, d: null, e: { f: 3 }, g: -4.5 })).toEqual({ a: 1, g: -4.5 });
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, i]));
  expect(Object.keys(numbersOf(many))).toHaveLength(20);
});

test("of each metric the last ten minutes are kept", () => {
  const metrics = new MetricHistory();
  for (let i = 0; i < 200; i++) metrics.note(serviceInfo("a.a", { metrics: { cycles: i } }), NOW + i);
  const samples = metrics.of("a.a").cycles ?? [];
  expect(samples).toHaveLength(120);
  expect(samples.at(-1)).toEqual([NOW + 199, 199]);
  metrics.forget("a.a");
  expect(metrics.of("a.a")).toEqual({});
});

test("the series of a large fleet are bounded, and what is forgotten makes room", () => {
  const metrics = new MetricHistory();
  for (let i = 0; i < 6_000; i++) metrics.note(serviceInfo(`s.${i}`, { metrics: { x: 1 } }), NOW);
  expect(metrics.of("s.4999")).toEqual({ x: [[NOW, 1]] });
  expect(metrics.of("s.5000")).toEqual({});
  metrics.forget("s.0");
  metrics.note(serviceInfo("s.5000", { metrics: { x: 2 } }), NOW);
  expect(metrics.of("s.5000")).toEqual({ x: [[NOW, 2]] });
});

test("a service whose metrics have new names all the time takes no other's room", () => {
  const metrics = new MetricHistory();
  for (let i = 0; i < 6_000; i++) metrics.note(serviceInfo("a.a", { metrics: { same: i, [`m${i}`]: i } }), NOW + i);
  expect(Object.keys(metrics.of("a.a"))).toHaveLength(20);
  expect(metrics.of("a.a")).toMatchObject({ m5999: [[NOW + 5_999, 5_999]] });
  expect(metrics.of("a.a").same).toHaveLength(120);
  metrics.note(serviceInfo("b.b", { metrics: { x: 1 } }), NOW);
  expect(metrics.of("b.b")).toEqual({ x: [[NOW, 1]] });
});
