import { describe, expect, test } from "bun:test";
import type { FleetChange } from "../../src/client/change.ts";
import { applyMessage, createFleetState } from "../../src/client/fleet-state.ts";
import { serviceInfos } from "../../src/client/fold.ts";
import { LiveFleet } from "../../src/client/live-fleet.ts";
import type { ServiceInfo } from "../../src/client/service-info.ts";
import { FakeFleet, LAUNCHER, NOW } from "./fleet.ts";
import { RandomFleet } from "./random-fleet.ts";

/** A live fleet that has read all of `fake` at NOW, and what it tells from then on. */
function follow(fake = new FakeFleet()) {
  const told: FleetChange[] = [];
  const fleet = new LiveFleet("svc", (change) => told.push(change));
  for (const message of fake.messages) fleet.take(message, NOW);
  fleet.settle(NOW);
  expect(told).toEqual([]);
  return {
    fleet,
    /** What was told since the last call. */
    news: () => told.splice(0).map(({ type, service }) => `${type} ${service.serviceId} ${service.status}`),
    /** Takes the last message that `write` adds to a fleet, as sent `after` seconds after NOW. */
    send(after: number, write: (fleet: FakeFleet, ago: number) => FakeFleet, seq = 1_000 + after) {
      const message = write(new FakeFleet(), -after).messages.at(-1);
      if (message) fleet.take({ ...message, seq }, NOW + after * 1_000);
    },
    pass: (after: number) => fleet.tick(NOW + after * 1_000),
    at: (after: number) => fleet.services(NOW + after * 1_000),
  };
}

describe("following, message by message, comes to the same as reading everything anew", () => {
  const passing = new Set(["heartbeatTime", "heartbeatAgeSeconds", "uptimeSeconds", "lastSeen", "reason", "startTime"]);
  const lasting = (info: ServiceInfo) => Object.entries(info).filter(([key]) => !passing.has(key));

  test.each(Array.from({ length: 40 }, (_, i) => [i + 1]))("fleet %i", (seed) => {
    const random = new RandomFleet(seed, NOW);
    const mirror = new Map<string, ServiceInfo>();
    const fleet = new LiveFleet("svc", ({ service }) => mirror.set(service.serviceId, service));
    fleet.settle(NOW);
    const state = createFleetState();
    for (let step = 0; step < 150; step++) {
      random.pass();
      for (let burst = 0; burst < 1 + (step % 4); burst++) {
        const message = random.message();
        applyMessage(state, message);
        fleet.take(message, random.now);
      }
      const expected = serviceInfos(state, random.now);
      expect(fleet.services(random.now)).toEqual(expected);
      // Who only listens knows the same, but for what time alone changes.
      expect([...mirror.values()].map(({ serviceId }) => serviceId).sort()).toEqual(
        expected.map(({ serviceId }) => serviceId),
      );
      for (const info of expected) expect(lasting(mirror.get(info.serviceId) ?? info)).toEqual(lasting(info));
    }
  });
});

describe("what time alone does is told when it happens, once", () => {
  test("a service that falls silent is stale after 30 s, dead after 2 min", () => {
    const { pass, news, at } = follow(
      new FakeFleet().launcher(LAUNCHER, 0).healthy("a.a", 60, 0).status("x.x", "ok", 9),
    );
    pass(29);
    // x.x never had a heartbeat.
    expect(news()).toEqual(["update x.x dead"]);
    pass(30);
    expect(news().sort()).toEqual([`update a.a stale`, `update ${LAUNCHER} stale`]);
    pass(100);
    expect(news()).toEqual([]);
    pass(120);
    expect(news().sort()).toEqual([`update a.a dead`, `update ${LAUNCHER} dead`]);
    pass(600);
    expect(news()).toEqual([]);
    expect(at(600).find(({ serviceId }) => serviceId === "a.a")?.reason).toBe("no heartbeat for 10 m; last said ok");
  });

  test("heartbeats that come as expected are not told", () => {
    const { send, pass, news } = follow(
      new FakeFleet().status("a.a", "ok", 60).heartbeat("a.a", 1, { uptime_seconds: 50 }),
    );
    for (let after = 10; after < 200; after += 10) {
      // Told uptimes are not exact.
      send(after, (fleet, ago) => fleet.heartbeat("a.a", ago, { uptime_seconds: 51 + after + (after % 7) / 1_000 }));
      pass(after);
    }
    expect(news()).toEqual([]);
  });

  test("a metric that changes is told", () => {
    const { send, news } = follow(new FakeFleet().healthy("a.a", 60, 1));
    send(1, (fleet, ago) => fleet.heartbeat("a.a", ago, { metrics: { queue: 3 } }));
    send(2, (fleet, ago) => fleet.heartbeat("a.a", ago, { metrics: { queue: 3 } }));
    send(3, (fleet, ago) => fleet.heartbeat("a.a", ago, { metrics: { queue: 4 } }));
    expect(news()).toEqual(["update a.a ok", "update a.a ok"]);
  });

  test("after a day a heartbeat is no longer fresh, and what was told then comes to the same as anew", () => {
    const { pass, news, at } = follow(new FakeFleet().heartbeat("a.a", 0));
    pass(24 * 3_600);
    expect(news().length).toBeGreaterThan(0);
    expect(at(24 * 3_600)[0]).toMatchObject({ fresh: false, current: false });
  });
});

describe("starts and stops", () => {
  test("of a service are told in order", () => {
    const { send, news } = follow(new FakeFleet().launcher());
    send(1, (fleet, ago) => fleet.event("a.a", "declared", ago));
    send(2, (fleet, ago) => fleet.event("a.a", "start", ago, { status: "startup", pid: 7 }));
    send(3, (fleet, ago) => fleet.status("a.a", "ok", ago));
    expect(news()).toEqual(["update a.a unknown", "start a.a startup", "update a.a ok"]);
    send(4, (fleet, ago) => fleet.event("a.a", "stopping", ago, { reason: "terminated" }));
    send(5, (fleet, ago) =>
      fleet.event("a.a", "stop", ago, { status: "shutdown", reason: "terminated", exit_code: 0 }),
    );
    expect(news().at(-1)).toBe("stop a.a shutdown");
  });

  test("a crash is a stop, the start after it a start; waiting for it is neither", () => {
    const { send, news } = follow(new FakeFleet().launcher().healthy("a.a"));
    send(1, (fleet, ago) => fleet.event("a.a", "crashed", ago, { status: "error", exit_code: -9, will_restart: true }));
    expect(news()).toEqual(["stop a.a error"]);
    send(2, (fleet, ago) => fleet.event("a.a", "restarting", ago, { status: "startup", restart_attempt: 1 }));
    expect(news()).toEqual(["update a.a startup"]);
    send(3, (fleet, ago) => fleet.event("a.a", "start", ago, { status: "startup", pid: 8 }));
    expect(news()).toEqual(["start a.a startup"]);
  });

  test("a service in error has not ended, and one that recovers has not started", () => {
    const { send, news } = follow(new FakeFleet().launcher().healthy("a.a"));
    send(1, (fleet, ago) => fleet.status("a.a", "error", ago, { message: "no power", parent: LAUNCHER }));
    send(2, (fleet, ago) => fleet.status("a.a", "ok", ago, { parent: LAUNCHER }));
    expect(news()).toEqual(["update a.a error", "update a.a ok"]);
  });

  test("a start is told also if the stop before it was missed", () => {
    const { send, news } = follow(new FakeFleet().launcher().healthy("a.a"));
    send(9, (fleet, ago) => fleet.event("a.a", "start", ago, { status: "startup", pid: 99 }));
    expect(news()).toEqual(["start a.a ok"]);
  });

  test("what is run by hand starts with its first words and stops with its last", () => {
    const { send, news } = follow();
    send(1, (fleet, ago) => fleet.status("a.a", "startup", ago));
    send(2, (fleet, ago) => fleet.status("a.a", "ok", ago));
    send(3, (fleet, ago) => fleet.heartbeat("a.a", ago, { uptime_seconds: 2 }));
    send(4, (fleet, ago) => fleet.status("a.a", "shutdown", ago));
    expect(news()).toEqual(["start a.a startup", "update a.a ok", "update a.a ok", "stop a.a shutdown"]);
  });
});

describe("what is above matters to what is below", () => {
  test("services of a launcher that dies are in doubt, and no longer when it is back", () => {
    const { send, pass, news, at } = follow(new FakeFleet().launcher().healthy("a.a").healthy("a.b"));
    for (const after of [50, 70, 90, 110, 130]) {
      for (const id of ["a.a", "a.b"]) send(after, (fleet, ago) => fleet.heartbeat(id, ago));
    }
    news();
    pass(130);
    expect(news().sort()).toEqual(["update a.a ok", "update a.b ok", `update ${LAUNCHER} dead`]);
    expect(at(130)[0]).toMatchObject({ health: "warning", reason: "its launcher is dead: nobody supervises it" });
    send(131, (fleet, ago) => fleet.heartbeat(LAUNCHER, ago));
    pass(131);
    expect(news().sort()).toEqual(["update a.a ok", "update a.b ok", `update ${LAUNCHER} ok`]);
  });

  test("a dead launcher is removed when its last service has gone to another", () => {
    const { send, pass, at } = follow(
      new FakeFleet().launcher(LAUNCHER, 500).launcher("launcher.new.vm").healthy("a.a"),
    );
    expect(at(0).find(({ serviceId }) => serviceId === LAUNCHER)).toMatchObject({ health: "dead", removed: false });
    const parent = "launcher.new.vm";
    for (const event of ["declared", "start"] as const)
      send(1, (fleet, ago) => fleet.event("a.a", event, ago, { parent }), 1_001);
    pass(1);
    expect(at(1).find(({ serviceId }) => serviceId === LAUNCHER)).toMatchObject({ health: "dead", removed: true });
  });
});

describe("while nothing can be heard", () => {
  test("silence does not count, and afterwards only from where it was", () => {
    const { fleet, pass, send, news, at } = follow(new FakeFleet().status("a.a", "ok", 60).heartbeat("a.a", 5));
    fleet.deafen(NOW + 10_000);
    pass(300);
    expect(news()).toEqual([]);
    expect(at(300)[0]).toMatchObject({ status: "ok", heartbeatAgeSeconds: 305 });
    fleet.hear(NOW + 310_000);
    pass(310);
    // 15 s of silence were heard.
    pass(324);
    expect(news()).toEqual([]);
    pass(325);
    expect(news()).toEqual(["update a.a stale"]);
    send(326, (fake, ago) => fake.heartbeat("a.a", ago));
    expect(news()).toEqual(["update a.a ok"]);
    pass(355);
    expect(news()).toEqual([]);
    pass(356);
    expect(news()).toEqual(["update a.a stale"]);
  });

  test("what was silent before is not taken for alive", () => {
    const { fleet, pass, news } = follow(new FakeFleet().status("a.a", "ok", 600).heartbeat("a.a", 100));
    for (let after = 10; after < 1_000; after += 20) {
      fleet.deafen(NOW + after * 1_000);
      fleet.hear(NOW + (after + 18) * 1_000);
      pass(after + 18);
    }
    expect(news()).toEqual(["update a.a dead"]);
  });

  test("a clock that is set back makes nothing dead, nor a silent service live longer", () => {
    const { fleet, pass, send, news } = follow(new FakeFleet().status("a.a", "ok", 60).heartbeat("a.a", 0));
    fleet.review(NOW - 3_600_000);
    send(-3_590, (fake, ago) => fake.heartbeat("a.a", ago), 2_000);
    pass(-3_580);
    news();
    pass(-3_560);
    expect(news()).toEqual(["update a.a stale"]);
  });
});

describe("what a stream has no more is forgotten", () => {
  const subjects = (fake: FakeFleet) => new Set(fake.messages.map(({ subject }) => subject));

  test("a status that was deleted, and a service of which nothing is left", () => {
    const { fleet, news, at } = follow(
      new FakeFleet().status("a.a", "ok", 5).status("b.b", "ok", 5).heartbeat("b.b", 1),
    );
    fleet.forgetMissing("status", new Set(), NOW);
    expect(news()).toEqual(["gone a.a ok"]);
    // Who beats, lives: that the stream of heartbeats was lost says nothing.
    fleet.forgetMissing("heartbeat", new Set(), NOW);
    expect(at(0).map(({ serviceId, status }) => `${serviceId} ${status}`)).toEqual(["b.b ok"]);
    fleet.forgetMissing("heartbeat", new Set(), NOW + 25 * 3_600_000);
    fleet.tick(NOW + 25 * 3_600_000);
    expect(news().at(-1)).toStartWith("gone b.b");
    expect(at(25 * 3_600)).toEqual([]);
  });

  test("events of a stream that was made anew are not mixed with those of the old", () => {
    const crash = { status: "failed", exit_code: 1, will_restart: false };
    const before = new FakeFleet()
      .event("a.a", "declared", 900)
      .event("a.a", "start", 800)
      .event("a.a", "crashed", 700, crash);
    const { fleet, news, at } = follow(before);
    const anew = new FakeFleet().event("a.a", "start", 5, { status: "startup" });
    fleet.forgetMissing("registry", subjects(anew), NOW);
    for (const message of anew.messages) fleet.take(message, NOW);
    expect(news()).toEqual(["start a.a startup"]);
    expect(at(0)[0]).toMatchObject({ running: true, declared: false });
  });

  test("a reading that finds what is known tells nothing", () => {
    const fake = new FakeFleet().launcher().healthy("a.a").healthy("b.b");
    const { fleet, news, pass } = follow(fake);
    for (const stream of ["registry", "status", "heartbeat"] as const) {
      fleet.forgetMissing(stream, subjects(fake), NOW + 1_000);
    }
    for (const message of fake.messages) fleet.take(message, NOW + 1_000);
    pass(1);
    expect(news()).toEqual([]);
  });
});
