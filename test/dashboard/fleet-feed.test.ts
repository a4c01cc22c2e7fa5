// What pages are told of a fleet that is known.
import { afterEach, expect, test } from "bun:test";
import type { ServiceInfo } from "../../src/client/index.ts";
import { FleetFeed } from "../../src/dashboard/fleet-feed.ts";
import type { Told } from "../../src/dashboard/told.ts";
import { waitFor } from "../support/wait.ts";
import { serviceInfo } from "./service-info.ts";

const feeds: FleetFeed[] = [];
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.close();
});

class Known {
  readonly services = new Map<string, ServiceInfo>();
  readonly feed = new FleetFeed({ prefix: "svc", readOnly: false, version: "1", broker: "nats://b" });

  constructor(...services: ServiceInfo[]) {
    feeds.push(this.feed);
    for (const service of services) this.services.set(service.serviceId, service);
    this.feed.look({
      getCurrentServices: () => [...this.services.values()],
      getCurrentService: (id) => this.services.get(id),
    });
  }

  set(service: ServiceInfo): void {
    this.services.set(service.serviceId, service);
    this.feed.touch(service.serviceId);
  }
  remove(id: string): void {
    this.services.delete(id);
    this.feed.touch(id);
  }
  /** A page that looks, and what it is told from now on. */
  look(): Told[] {
    const told: Told[] = [];
    this.feed.join({ send: (text) => void told.push(JSON.parse(text)) }, true);
    return told;
  }
}

test("a page is told everything when it comes, the server's own words first", () => {
  const known = new Known(serviceInfo("a.a"));
  known.feed.takeStory([
    { time: 1, serviceId: "a.a", kind: "started", severity: "info", text: "started", minor: false },
    { time: 2, serviceId: "a.a", kind: "ready", severity: "info", text: "ready", minor: true },
  ]);
  known.feed.tellState("live");
  const told = known.look();
  expect(told.map(({ type }) => type)).toEqual(["hello", "broker", "history", "fleet", "entries"]);
  expect(told[0]).toMatchObject({ about: { broker: "nats://b" }, mayOrder: true });
  expect(told[1]).toEqual({ type: "broker", state: "live" });
  expect(told[3]).toMatchObject({ services: [{ serviceId: "a.a", status: "ok", words: "" }] });
  // What is routine is left out.
  expect(told[4]).toMatchObject({ entries: [{ text: "started" }], isAll: true });
});

test("before there is a broker, a page is told so, and that there is nothing", () => {
  const feed = new FleetFeed({ prefix: "svc", readOnly: true, version: "1", broker: "nats://b" });
  feeds.push(feed);
  const told: Told[] = [];
  feed.join({ send: (text) => void told.push(JSON.parse(text)) }, false);
  expect(told[1]).toEqual({ type: "broker", state: "never" });
  expect(told[3]).toMatchObject({ type: "fleet", services: [], summary: { status: "unknown", services: 0 } });
});

test("the first line is that of tcs status: the worst first, a launcher that only echoes it not named", async () => {
  const known = new Known(serviceInfo("a.a"), serviceInfo("launcher.l", { kind: "launcher" }));
  const told = known.look();
  expect(told[3]).toMatchObject({ summary: { status: "ok", health: "ok", services: 1, running: 1, troubled: 0 } });
  told.length = 0;
  const trouble = { status: "error", health: "failed", reason: "mirror fell" } as const;
  known.set(serviceInfo("a.a", { ...trouble, parent: "launcher.l" }));
  known.set(serviceInfo("launcher.l", { ...trouble, kind: "launcher" }));
  await waitFor("what has changed", () => told.length > 0);
  const worst = [{ serviceId: "a.a", status: "error" }];
  expect(told).toMatchObject([{ type: "change", summary: { status: "error", health: "failed", worst, troubled: 1 } }]);
});

test("many changes are one message, with each service as it is by then; what is gone is named", async () => {
  const known = new Known(serviceInfo("a.a"), serviceInfo("b.b"));
  const told = known.look();
  told.length = 0;
  known.set(serviceInfo("a.a", { status: "error", health: "failed", reason: "mirror fell" }));
  known.set(serviceInfo("a.a", { status: "startup", health: "starting" }));
  known.set(serviceInfo("c.c"));
  known.remove("b.b");
  await waitFor("what has changed", () => told.length > 0);
  expect(told).toMatchObject([
    { type: "change", services: [{ serviceId: "a.a", health: "starting" }, { serviceId: "c.c" }], gone: ["b.b"] },
  ]);
  // A page that comes now knows how it was.
  const history = known.look().find(({ type }) => type === "history");
  expect(Object.keys(history?.type === "history" ? history.points : {}).toSorted()).toEqual(["a.a", "c.c"]);
});

test("a page is told no more of a service than it shows", () => {
  const secret = "swordfish";
  const known = new Known(
    serviceInfo("a.a", { metrics: { key: secret }, runnerId: secret, heldBy: { by: "ann@vm", reason: "dome open" } }),
  );
  const told = known.look();
  expect(JSON.stringify(told)).not.toContain(secret);
  expect(told.find(({ type }) => type === "fleet")).toMatchObject({
    services: [{ words: "stopped by ann@vm: dome open" }],
  });
});

test("a page that has gone is told nothing any more", () => {
  const known = new Known(serviceInfo("a.a"));
  const told: string[] = [];
  const viewer = { send: (text: string) => void told.push(text) };
  known.feed.join(viewer, true);
  known.feed.leave(viewer);
  const before = told.length;
  known.feed.tellState("away");
  expect(told).toHaveLength(before);
});
