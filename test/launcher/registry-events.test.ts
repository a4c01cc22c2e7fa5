// The registry events of one service, as its launcher publishes and repeats them.
import { expect, test } from "bun:test";
import type { JsonObject } from "../../src/common/json.ts";
import { RegistryEvents } from "../../src/launcher/registry-events.ts";
import { Subjects } from "../../src/messaging/subjects.ts";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import { Status } from "../../src/monitoring/index.ts";

test("a life that is told again has the times that it was told with, but for its last event", () => {
  const told: JsonObject[] = [];
  const sink = { event: (_: string, data: JsonObject) => void told.push(data), beat: () => undefined };
  const identity = { serviceId: "dome.main", parent: "launcher.l", runnerId: "l.dome", hostname: "north" };
  const events = new RegistryEvents(sink, new Subjects("svc"), identity);
  const since = Date.now() - 60_000;
  events.declared("always");
  events.start(7, undefined, since);
  events.ready(20);
  events.repeat({ name: "dome.main", status: Status.OK, time: since }, 7);
  const life = told.filter(({ event }) => event !== undefined);
  expect(life.map(({ event }) => event)).toEqual(["declared", "start", "ready", "start", "ready"]);
  expect(fromWireTimestamp(life[1]?.timestamp)).toBe(since);
  expect(life[3]).toEqual(life[1] ?? {});
  expect(fromWireTimestamp(life[4]?.timestamp)).toBeGreaterThanOrEqual(fromWireTimestamp(life[2]?.timestamp) ?? 0);
});
