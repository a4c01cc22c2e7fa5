// The JSON form, version 1: this test is its contract. A change here that is no addition breaks programs.
import { expect, test } from "bun:test";
import { jsonText, statusJson } from "../../../src/cli/display/status-json.ts";
import { chooseView } from "../../../src/cli/display/view.ts";
import { FakeFleet, NOW } from "../../client/fleet.ts";

const BROKER = { servers: ["nats://127.0.0.1:4222"], origin: "default", subjectPrefix: "svc" };
const COLLECTION = { milliseconds: 4.23, messages: 6, bad: 1, oddTimestamps: 0, unknownStatuses: 0, streams: [] };

function parsed(fleet: FakeFleet) {
  const view = chooseView(fleet.fold().services);
  return JSON.parse(jsonText(statusJson(view, BROKER, COLLECTION, NOW)));
}

test("a healthy service, field by field", () => {
  const json = parsed(new FakeFleet().launcher().healthy("dome.main"));
  expect(json).toMatchObject({
    version: 1,
    time: "2026-11-20T22:00:00.000Z",
    overall: {
      status: "ok",
      healthy: true,
      launchers: 1,
      services: 1,
      running: 1,
      stopped: 0,
      counts: { ok: 2 },
      problems: [],
    },
    broker: { servers: ["nats://127.0.0.1:4222"], origin: "default", subject_prefix: "svc" },
    collection: { milliseconds: 4.2, messages: 6, bad: 1, odd_timestamps: 0, unknown_statuses: 0, streams: [] },
  });
  expect(json.services[0]).toEqual({
    service_id: "dome.main",
    type: "dome",
    variant: "main",
    kind: "service",
    status: "ok",
    reported_status: "ok",
    health: "ok",
    message: "Service running",
    status_time: "2026-11-20T21:00:01.000Z",
    parent: "launcher.test.vm",
    runner_id: "test.vm.dome.main",
    hostname: "vm",
    pid: 42,
    start_time: "2026-11-20T21:00:00.000Z",
    restart_policy: "always",
    heartbeat_time: "2026-11-20T21:59:57.000Z",
    heartbeat_age_seconds: 3,
    heartbeat_state: "alive",
    declared: true,
    declared_time: "2026-11-20T20:59:59.000Z",
    ephemeral: false,
    removed: false,
    fresh: true,
    running: true,
    zombie: false,
    current: true,
    uptime_seconds: 3600,
    last_seen: "2026-11-20T21:59:57.000Z",
    children: [],
    metrics: {},
  });
});

test("a dead service is never ok, and the problem says why", () => {
  const json = parsed(new FakeFleet().launcher().healthy("dome.main", 3_600, 200));
  expect(json.services[0]).toMatchObject({ status: "dead", reported_status: "ok", zombie: true });
  expect(json.overall.problems).toEqual([
    { service_id: "dome.main", status: "dead", reason: "no heartbeat for 3 m 20 s; last said ok" },
  ]);
});

test("what could control a terminal is escaped, and comes back unchanged", () => {
  const evil = "\u001b[2J\u009b1A\u202e\u007f\u2028";
  const text = jsonText({ evil });
  expect(text).not.toMatch(/[^ -~\n]/);
  expect(JSON.parse(text)).toEqual({ evil });
});

test("what is invisible is escaped, and reads back as it was", () => {
  const value = { message: "a\u202eb\u009bc\u200bd\u{e0041} 👩‍🚀 עברית\ttab" };
  const text = jsonText(value);
  expect(text).toContain('"a\\u202eb\\u009bc\\u200bd\\udb40\\udc41 👩‍🚀 עברית\\ttab"');
  expect(JSON.parse(text)).toEqual(value);
});
