// The text that Prometheus reads, by a reader of our own and by promtool where there is one.
import { describe, expect, test } from "bun:test";
import type { ServiceInfo } from "../../src/client/index.ts";
import { exposition } from "../../src/metrics/exposition.ts";
import type { FleetView } from "../../src/metrics/fleet-view.ts";
import { numbersIn } from "../../src/metrics/numbers.ts";
import { cpuMsSince } from "../support/cpu.ts";
import { parseExposition, promtoolComplaints } from "./support.ts";

const SERVICE: ServiceInfo = {
  serviceId: "dome.main",
  type: "dome",
  variant: "main",
  kind: "service",
  status: "ok",
  reportedStatus: "ok",
  health: "ok",
  parent: "launcher.L",
  host: "vm",
  heartbeatAgeSeconds: 2.5,
  heartbeatState: "alive",
  declared: true,
  ephemeral: false,
  removed: false,
  fresh: true,
  running: true,
  zombie: false,
  current: true,
  uptimeSeconds: 60,
  children: [],
  metrics: {},
};

function view(infos: ServiceInfo[], more: Partial<FleetView> = {}): FleetView {
  return { isBrokerUp: true, infos, launchers: [], unreadable: 0, readMs: 12, ...more };
}

const LABELS = 'service_id="dome.main",type="dome",variant="main",launcher="launcher.L",host="vm"';

describe("a service", () => {
  test("is there with its status, heartbeat, uptime and counts", async () => {
    const services = [{ serviceId: "dome.main", status: "ok", starts: 3, restarts: 2, crashes: 1 }];
    const launchers = [{ name: "launcher.L", hostname: "vm", reach: "answers" as const, services }];
    const samples = parseExposition(await exposition(view([SERVICE], { launchers })));
    expect(samples.get(`tcs_service_status{${LABELS},status="ok"}`)).toBe(1);
    expect(samples.get(`tcs_service_healthy{${LABELS}}`)).toBe(1);
    expect(samples.get(`tcs_service_heartbeat_age_seconds{${LABELS}}`)).toBe(2.5);
    expect(samples.get(`tcs_service_uptime_seconds{${LABELS}}`)).toBe(60);
    expect(samples.get(`tcs_service_starts_total{${LABELS}}`)).toBe(3);
    expect(samples.get(`tcs_service_restarts_total{${LABELS}}`)).toBe(2);
    expect(samples.get(`tcs_service_crashes_total{${LABELS}}`)).toBe(1);
    expect(samples.get('tcs_launcher_services{launcher="launcher.L",host="vm"}')).toBe(1);
    expect(samples.get("tcs_broker_up")).toBe(1);
  });

  test("that is dead has that as its status, does not run, and is not healthy", async () => {
    const dead = { ...SERVICE, status: "dead", health: "dead", zombie: true } as const;
    const samples = parseExposition(await exposition(view([dead])));
    expect(samples.get(`tcs_service_status{${LABELS},status="dead"}`)).toBe(1);
    expect(samples.has(`tcs_service_status{${LABELS},status="ok"}`)).toBe(false);
    expect(samples.get(`tcs_service_running{${LABELS}}`)).toBe(0);
    expect(samples.get(`tcs_service_healthy{${LABELS}}`)).toBe(0);
  });

  test("has no counts where its launcher does not tell them, or lists what another runs", async () => {
    const services = [{ serviceId: "dome.main", status: "unknown", starts: 9 }];
    const launchers = [{ name: "launcher.other", reach: "answers" as const, services }];
    const text = await exposition(view([SERVICE], { launchers }));
    expect(text).not.toContain("tcs_service_starts_total{");
  });

  test("tells its own numbers, whatever they are called", async () => {
    const metrics = { queue: 3, 'a b"c\\d\n': 1, nested: { depth: 2 }, open: true, name: "x", gone: null };
    const samples = parseExposition(await exposition(view([{ ...SERVICE, metrics }])));
    expect(samples.get(`tcs_service_metric{${LABELS},metric="queue"}`)).toBe(3);
    expect(samples.get(`tcs_service_metric{${LABELS},metric="nested.depth"}`)).toBe(2);
    expect(samples.get(`tcs_service_metric{${LABELS},metric="open"}`)).toBe(1);
    expect(samples.get(`tcs_service_metric{${LABELS},metric="a b\\"c\\\\d\\n"}`)).toBe(1);
    expect([...samples.keys()].filter((key) => key.startsWith("tcs_service_metric"))).toHaveLength(4);
  });
});

test("without a broker it says so, and nothing of services", async () => {
  const samples = parseExposition(await exposition(view([], { isBrokerUp: false })));
  expect(samples.get("tcs_broker_up")).toBe(0);
  expect([...samples.keys()].filter((key) => key.includes("service"))).toEqual([]);
});

test("promtool, where it is installed, has no complaints", async () => {
  const metrics = { processed_total: 3, temp_c: -15.2, "weird name": 1, rms_ms: 0.5 };
  const launchers = [{ name: "launcher.L", hostname: "vm", reach: "answers" as const, services: [] }];
  const text = await exposition(view([{ ...SERVICE, metrics }], { launchers }));
  expect(parseExposition(text).size).toBeGreaterThan(10);
  expect(await promtoolComplaints(text)).toBe("");
});

test("a thousand services with ten numbers each are told in well under a second", async () => {
  const metrics = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, i]));
  const infos = Array.from({ length: 1_000 }, (_, i) => ({
    ...SERVICE,
    serviceId: `s${i}.main`,
    type: `s${i}`,
    metrics,
  }));
  const began = process.cpuUsage();
  const samples = parseExposition(await exposition(view(infos)));
  expect(cpuMsSince(began)).toBeLessThan(2_000);
  expect([...samples.keys()].filter((key) => key.startsWith("tcs_service_metric"))).toHaveLength(10_000);
});

describe("numbers", () => {
  test("are at most two hundred, of four levels", () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`n${i}`, i]));
    expect(numbersIn(many)).toHaveLength(200);
    expect(numbersIn({ a: { b: { c: { d: 1, e: { f: 2 } } } } })).toEqual([["a.b.c.d", 1]]);
  });

  test("have names that fit", () => {
    expect(numbersIn({ ["x".repeat(5_000)]: 1 })[0]?.[0]).toHaveLength(100);
  });
});
