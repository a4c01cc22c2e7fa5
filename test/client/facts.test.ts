import { describe, expect, test } from "bun:test";
import { parseSubject, type WireMessage } from "../../src/client/facts.ts";
import { applyMessage, createFleetState } from "../../src/client/fleet-state.ts";
import { serviceInfos } from "../../src/client/fold.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { NOW } from "./fleet.ts";

function message(subject: string, data: unknown, seq = 1, time = NOW): WireMessage {
  return { subject, data, seq, time };
}

describe("subjects", () => {
  test.each([
    ["svc.status.a.b", { stream: "status", id: "a.b" }],
    ["svc.heartbeat.launcher.x", { stream: "heartbeat", id: "launcher.x" }],
    ["svc.registry.start.a.b.c", { stream: "registry", event: "start", id: "a.b.c" }],
    ["svc.registry.exploded.a.b", undefined],
    ["svc.registry.start", undefined],
    ["svc.status", undefined],
    ["svc.rpc.a.b.v1.health", undefined],
    ["other.status.a.b", undefined],
  ] as const)("%s", (subject, expected) => {
    expect(parseSubject("svc", subject)).toEqual(expected);
  });

  test("a dotted prefix is taken whole", () => {
    expect(parseSubject("ocm.svc", "ocm.svc.status.a.b")).toEqual({ stream: "status", id: "a.b" });
  });
});

describe("junk is counted and never throws", () => {
  const odd: [what: string, subject: string, data: unknown][] = [
    ["no data", "svc.status.a.b", undefined],
    ["a string", "svc.status.a.b", "ok"],
    ["an array", "svc.heartbeat.a.b", [1, 2]],
    ["null", "svc.registry.start.a.b", null],
    ["an unknown event", "svc.registry.vanished.a.b", {}],
    ["another subject", "weather.status", {}],
  ];
  test.each(odd)("%s", (_what, subject, data) => {
    const state = createFleetState();
    expect(applyMessage(state, message(subject, data))).toBeUndefined();
    expect(state.counts).toMatchObject({ junk: 1, messages: 0 });
    expect(serviceInfos(state, NOW)).toEqual([]);
  });

  test("fields of wrong types are as if absent", () => {
    const state = createFleetState();
    const junk = { exit_code: "nine", will_restart: 1, pid: -3, hostname: 7, parent: {}, reason: [], status: 5 };
    applyMessage(state, message("svc.registry.crashed.a.b", { ...junk, timestamp: "yesterday" }));
    applyMessage(state, message("svc.status.a.b", { ...junk, message: { a: 1 }, details: [], timestamp: [1, 2] }));
    applyMessage(state, message("svc.heartbeat.a.b", { ...junk, uptime_seconds: -1, metrics: "no" }));
    const [info] = serviceInfos(state, NOW);
    expect(info).toMatchObject({ serviceId: "a.b", metrics: {}, children: [] });
    expect(info?.pid ?? info?.host ?? info?.parent ?? info?.exitCode).toBeUndefined();
    expect(state.counts).toMatchObject({ badTimestamps: 3, unknownStatuses: 3 });
  });

  test("an unknown status is unknown, and counted", () => {
    const state = createFleetState();
    applyMessage(state, message("svc.status.a.b", { status: "splendid", timestamp: toWireTimestamp(NOW) }));
    expect(serviceInfos(state, NOW)[0]).toMatchObject({ status: "unknown", health: "unknown" });
    expect(state.counts.unknownStatuses).toBe(1);
  });

  test("a message of a megabyte is kept short, a million children are cut", () => {
    const state = createFleetState();
    const children = Array.from({ length: 5_000 }, (_, i) => ({ name: `c${i}`, status: "ok" }));
    let deep: object = { name: "deep", status: "ok" };
    for (let i = 0; i < 5_000; i++) deep = { name: "deep", status: "ok", details: { children: [deep] } };
    const data = { status: "ok", message: "x".repeat(1_000_000), details: { children: [deep, ...children] } };
    applyMessage(state, message("svc.status.a.b", data));
    const [info] = serviceInfos(state, NOW);
    expect(info?.message?.length).toBeLessThan(5_000);
    expect(info?.children.length).toBeLessThanOrEqual(1_000);
    expect(JSON.stringify(info?.children[0]).length).toBeLessThan(1_000);
  });
});

describe("timestamps", () => {
  const seen = (timestamp: unknown) => {
    const state = createFleetState();
    applyMessage(state, message("svc.heartbeat.a.b", { timestamp }));
    return { time: serviceInfos(state, NOW)[0]?.heartbeatTime, counts: state.counts };
  };
  test("of the old, longer form are cut to seven", () => {
    expect(seen([...toWireTimestamp(NOW - 4_000), 0, 0])).toMatchObject({ time: NOW - 4_000 });
  });
  test("that make no sense give way to the broker's time", () => {
    expect(seen([2026, 13, 1, 0, 0, 0, 0])).toMatchObject({ time: NOW, counts: { badTimestamps: 1 } });
  });
  test("from a clock that is ahead give way to the broker's time", () => {
    expect(seen(toWireTimestamp(NOW + 3_600_000))).toMatchObject({ time: NOW, counts: { futureTimestamps: 1 } });
  });
  test("of a heartbeat, from a clock that is behind, give way to the broker's time: it was sent at once", () => {
    expect(seen(toWireTimestamp(NOW - 10_000))).toMatchObject({ time: NOW - 10_000 });
    expect(seen(toWireTimestamp(NOW - 3_600_000))).toMatchObject({ time: NOW });
  });
});

describe("following", () => {
  test("a message that is older than the one known changes nothing", () => {
    const state = createFleetState();
    const data = (status: string, ago: number) => ({ status, timestamp: toWireTimestamp(NOW - ago) });
    expect(applyMessage(state, message("svc.status.a.b", data("error", 10), 7, NOW - 10))).toBe("a.b");
    expect(applyMessage(state, message("svc.status.a.b", data("ok", 20), 6, NOW - 20))).toBeUndefined();
    expect(serviceInfos(state, NOW)[0]?.status).toBe("error");
  });

  test("a stream made anew counts from one again and is still followed", () => {
    const state = createFleetState();
    applyMessage(state, message("svc.status.a.b", { status: "error" }, 900, NOW - 10_000));
    expect(applyMessage(state, message("svc.status.a.b", { status: "ok" }, 1, NOW))).toBe("a.b");
    applyMessage(state, message("svc.heartbeat.a.b", {}, 1, NOW));
    expect(serviceInfos(state, NOW)[0]?.status).toBe("ok");
  });
});
