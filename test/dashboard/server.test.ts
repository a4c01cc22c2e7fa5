// The dashboard's server with a real broker: what pages are told, what is refused, and what it survives.
import { expect, test } from "bun:test";
import type { DashboardOptions } from "../../src/dashboard/index.ts";
import { openSpeaker } from "../client/following.ts";
import { addStreams, openConnection } from "../client/publish.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { openDashboard, openLine, type TestDashboard, TOKEN } from "./pages.ts";

async function brokerWithStreams(): Promise<TestBroker> {
  const broker = await startNats();
  await using open = await openConnection(broker.url);
  await addStreams(open.connection, "svc", ["registry", "status", "heartbeat", "log"]);
  return broker;
}

/** As soon as the dashboard follows the fleet. */
async function openLive(url: string, more: Partial<DashboardOptions> = {}): Promise<TestDashboard> {
  const dashboard = await openDashboard(url, more);
  using line = await openLine(dashboard.port, TOKEN);
  await line.until("broker", ({ state }) => state === "live");
  return dashboard;
}

test("a page is told the fleet, then what changes, what happens, and what is gone", async () => {
  await using broker = await brokerWithStreams();
  await using speaker = await openSpeaker(broker.url);
  await speaker.start("a.a");
  await using dashboard = await openDashboard(broker.url);
  using line = await openLine(dashboard.port);
  const { services } = await line.until("fleet", (told) => told.services.length > 0);
  expect(services.find(({ serviceId }) => serviceId === "a.a")).toMatchObject({ status: "ok", host: "vm", pid: 42 });
  const { entries } = await line.until("entries", (told) => told.entries.length > 0);
  expect(entries).toMatchObject([{ serviceId: "a.a", text: "started, pid 42 on vm" }]);

  await speaker.status("a.a", "error", { message: "mirror fell" });
  const isBroken = ({ services: [one] }: { services: { serviceId: string; health: string }[] }) =>
    one?.health === "failed";
  expect((await line.until("change", isBroken)).services).toMatchObject([
    { words: expect.stringMatching(/mirror fell/) },
  ]);
  await line.until("entries", ({ entries, isAll }) => !isAll && entries.some(({ severity }) => severity === "error"));
});

test("without a broker it serves, says so, and shows the fleet when there is one", async () => {
  const port = await freePort();
  await using dashboard = await openDashboard(`nats://127.0.0.1:${port}`);
  expect(dashboard.said).toEqual([expect.stringMatching(/^no NATS broker at .*: connection refused; looking for it$/)]);
  using line = await openLine(dashboard.port);
  expect(await line.until("broker")).toMatchObject({ state: "never" });
  expect(await dashboard.order({ verb: "stop", id: "a.a" })).toMatchObject({ status: 503 });
  await using broker = await startNats({ port });
  await using speaker = await openSpeaker(broker.url);
  await addStreams(speaker.connection);
  await speaker.start("a.a");
  await line.until("broker", ({ state }) => state === "live");
  await waitFor("the service", () =>
    line.told.some((told) => "services" in told && told.services.some(({ serviceId }) => serviceId === "a.a")),
  );
  expect(dashboard.said.slice(1)).toEqual(["connected to the broker"]);
});

test("it follows a broker that dies and returns: each page is told, and what happened meanwhile", async () => {
  await using broker = await brokerWithStreams();
  await using dashboard = await openDashboard(broker.url);
  using line = await openLine(dashboard.port);
  await line.until("broker", ({ state }) => state === "live");
  await broker.kill();
  await line.until("broker", ({ state }) => state === "away");
  expect(await dashboard.order({ verb: "stop", id: "a.a" })).toEqual({
    status: 503,
    text: "the broker is away: nothing was done",
  });
  line.told.length = 0;
  await broker.start();
  await using speaker = await openSpeaker(broker.url);
  await addStreams(speaker.connection, "svc", ["registry", "status", "heartbeat", "log"]);
  await speaker.start("b.b");
  await line.until("broker", ({ state }) => state === "live");
  await waitFor("the service", () =>
    line.told.some((told) => "services" in told && told.services.some(({ serviceId }) => serviceId === "b.b")),
  );
  expect(dashboard.said).toEqual(["connection to the broker lost; waiting for it", "connected to the broker"]);
});

test("a page that looks at a service is told its log, what is added to it, and again after an outage", async () => {
  await using broker = await brokerWithStreams();
  await using speaker = await openSpeaker(broker.url);
  const log = (message: string, more = {}) =>
    speaker.say("log.info.a.a", { service_id: "a.a", level: "info", message, ...more });
  await log("first");
  await speaker.say("log.info.b.b", { service_id: "b.b", level: "info", message: "of another" });
  await using dashboard = await openDashboard(broker.url);
  using line = await openLine(dashboard.port);
  await line.until("hello");
  line.ask({ type: "look", id: "a.a" });
  expect(await line.until("log")).toMatchObject({ id: "a.a", isAll: true, lines: [{ level: "info", text: "first" }] });
  await log("\x1b[31msecond\u202e", { source: "camera", level: "error" });
  // Nothing in it is invisible; who else speaks is named.
  expect(await line.until("log", ({ isAll }) => !isAll)).toMatchObject({
    lines: [{ level: "error", text: "camera  \\x1b[31msecond\\u202e" }],
  });
  line.told.length = 0;
  await broker.kill();
  await broker.start();
  await using later = await openSpeaker(broker.url);
  await addStreams(later.connection, "svc", ["registry", "status", "heartbeat", "log"]);
  await later.say("log.info.a.a", { service_id: "a.a", level: "info", message: "third" });
  await waitFor("the third line", () => JSON.stringify(line.told).includes('"third"'));
  line.ask({ type: "look" });
});

test("a log that no stream stores is read when one does", async () => {
  await using broker = await startNats();
  await using dashboard = await openLive(broker.url);
  using line = await openLine(dashboard.port);
  await line.until("hello");
  line.ask({ type: "look", id: "a.a" });
  expect((await line.until("log")).lines).toMatchObject([
    { text: expect.stringMatching(/^the log cannot be read: no stream/) },
  ]);
  await using speaker = await openSpeaker(broker.url);
  await addStreams(speaker.connection, "svc", ["log"]);
  await speaker.say("log.info.a.a", { service_id: "a.a", level: "info", message: "first" });
  await line.until("log", ({ lines }) => lines.some(({ text }) => text === "first"));
});

test("numbers are kept before anybody looks", async () => {
  await using broker = await brokerWithStreams();
  await using speaker = await openSpeaker(broker.url);
  await speaker.start("a.a");
  await speaker.heartbeat("a.a", { metrics: { temperature: 15.5, name: "mirror" } });
  await using dashboard = await openDashboard(broker.url);
  using first = await openLine(dashboard.port);
  const beat = await first.until("beat", ({ beats }) => "a.a" in beats);
  expect(beat.beats["a.a"]).toMatchObject({ metrics: { temperature: 15.5 } });
  using second = await openLine(dashboard.port);
  await second.until("hello");
  second.ask({ type: "look", id: "a.a" });
  const { series } = await second.until("samples");
  expect(series).toMatchObject({ temperature: [[expect.any(Number), 15.5]] });
});

test("junk on the broker is no harm: a cycle of parents, wild names, a message of 1 MB", async () => {
  await using broker = await brokerWithStreams();
  await using speaker = await openSpeaker(broker.url);
  await speaker.start("a.a");
  await speaker.status("b.b", "ok", { parent: "c.c" });
  await speaker.status("c.c", "ok", { parent: "b.b" });
  await speaker.raw("status.d.d", "x".repeat(1_000_000));
  await speaker.raw("status.e.e", new Uint8Array([0xff, 0xfe, 0x00]));
  await using dashboard = await openDashboard(broker.url);
  using line = await openLine(dashboard.port);
  const { services } = await line.until("fleet", (told) => told.services.length > 0);
  const ids = services.map(({ serviceId }) => serviceId);
  expect(ids).toEqual(expect.arrayContaining(["a.a", "b.b", "c.c"]));
});

test("where others can reach it, nothing is told without the token, and the page itself has nothing to tell", async () => {
  await using broker = await brokerWithStreams();
  await using speaker = await openSpeaker(broker.url);
  await speaker.start("a.a");
  await using dashboard = await openDashboard(broker.url, { hostname: "0.0.0.0" });
  for (const token of [undefined, "wrong"]) {
    using line = await openLine(dashboard.port, token);
    expect(await line.closed).toBe(4401);
    expect(line.told).toEqual([{ type: "refused", text: expect.stringMatching(/token/) }]);
  }
  using line = await openLine(dashboard.port, TOKEN);
  expect(await line.until("hello")).toMatchObject({ mayOrder: true });
  const page = await fetch(`http://127.0.0.1:${dashboard.port}/`);
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain("a.a");
});

test("on loopback everybody may look, and orders need the token", async () => {
  await using broker = await brokerWithStreams();
  await using dashboard = await openLive(broker.url);
  using line = await openLine(dashboard.port);
  expect(await line.until("hello")).toMatchObject({ mayOrder: false });
  const order = { verb: "stop", id: "a.a" };
  expect(await dashboard.order(order, {})).toMatchObject({ status: 401 });
  expect(await dashboard.order(order, { authorization: "Bearer wrong" })).toMatchObject({ status: 401 });
  expect(await dashboard.order(order)).toMatchObject({ status: 404, text: "a.a: no such service" });
});

test("read-only means that the server refuses, whatever the page says", async () => {
  await using broker = await brokerWithStreams();
  await using dashboard = await openLive(broker.url, { readOnly: true });
  using line = await openLine(dashboard.port, TOKEN);
  expect(await line.until("hello")).toMatchObject({ mayOrder: false, about: { readOnly: true } });
  expect(await dashboard.order({ verb: "stop", id: "a.a" })).toEqual({
    status: 403,
    text: "this dashboard is read-only",
  });
});

test("another site can neither read nor order, nor by a name that it makes point here", async () => {
  await using broker = await brokerWithStreams();
  await using dashboard = await openLive(broker.url);
  const url = `http://127.0.0.1:${dashboard.port}`;
  const authorization = `Bearer ${TOKEN}`;
  const foreign = { origin: "http://evil.example", authorization };
  expect(await dashboard.order({ verb: "stop", id: "a.a" }, foreign)).toMatchObject({ status: 403 });
  expect((await fetch(url, { headers: { host: "evil.example" } })).status).toBe(421);
  using line = await openLine(dashboard.port, TOKEN, { origin: "http://evil.example" });
  expect(await line.closed).not.toBe(1000);
  expect(line.told).toEqual([]);
});

test("what is no order, or no request of the page, is refused in words", async () => {
  await using broker = await brokerWithStreams();
  await using dashboard = await openLive(broker.url);
  for (const body of ["", "no json", "[]", { verb: "kill", id: "a.a" }, { verb: "stop" }, { verb: "stop", id: 7 }]) {
    expect(await dashboard.order(body)).toMatchObject({ status: 400, text: expect.stringMatching(/^no order/) });
  }
  // A pattern is not a service.
  expect(await dashboard.order({ verb: "stop", id: "*" })).toMatchObject({ status: 404 });
  expect((await dashboard.order({ verb: "stop", id: "a.a", reason: "x".repeat(10_000) })).status).toBe(413);
  const status = async (path: string, method = "GET") =>
    (await fetch(`http://127.0.0.1:${dashboard.port}${path}`, { method })).status;
  expect(await status("/nothing")).toBe(404);
  expect(await status("/..%2f..%2fetc%2fpasswd")).toBe(404);
  expect(await status("/", "DELETE")).toBe(405);
  expect(await status("/api/order")).toBe(405);
  expect(await status("/api/line")).toBe(426);
});

test.each(["no json", '{"type":"look","id":"a.*"}', '{"type":"look","id":"a b"}', '{"type":"dance"}'])(
  "a page that says %p is disconnected",
  async (text) => {
    await using broker = await brokerWithStreams();
    await using dashboard = await openLive(broker.url);
    using line = await openLine(dashboard.port);
    await line.until("hello");
    line.raw(text);
    expect(await line.closed).toBe(4400);
  },
);

test("a page that says nothing is disconnected, so that it keeps nobody out", async () => {
  await using dashboard = await openDashboard("nats://127.0.0.1:9");
  const socket = new WebSocket(`ws://127.0.0.1:${dashboard.port}/api/line`);
  const code = await new Promise((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  expect(code).toBe(4400);
});

test("every answer forbids what the page does not need", async () => {
  await using broker = await brokerWithStreams();
  await using dashboard = await openLive(broker.url);
  for (const path of ["/", "/main.js", "/style.css", "/icon.svg", "/nothing"]) {
    const { headers } = await fetch(`http://127.0.0.1:${dashboard.port}${path}`);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});
