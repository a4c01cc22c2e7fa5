// Which of the orders that a service was given counts: by the registry of a real broker, and by what this host knows.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats";
import { Logger } from "../../src/common/logger.ts";
import { DesiredState } from "../../src/launcher/desired-state.ts";
import { inheritStops } from "../../src/launcher/inherited-stop.ts";
import { encode, MetaSource } from "../../src/messaging/index.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const ID = "dome.main";
const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;
const at = (minute: number) => NOON + minute * MINUTE_MS;
const meta = new MetaSource("test");

let state: TempFolder;
let broker: TestBroker;
let connection: NatsConnection;
const before = process.env.TCS_STATE_DIR;
beforeAll(async () => {
  state = tempFolder();
  process.env.TCS_STATE_DIR = state.path;
  broker = await startNats();
  connection = await connect({ servers: broker.url });
});
afterAll(async () => {
  await connection.close();
  await broker[Symbol.asyncDispose]();
  if (before === undefined) delete process.env.TCS_STATE_DIR;
  else process.env.TCS_STATE_DIR = before;
  state[Symbol.dispose]();
});
beforeEach(async () => {
  const { streams } = await connection.jetstreamManager();
  await streams.delete("svc_registry").catch(() => undefined);
  await streams.add({ name: "svc_registry", subjects: ["svc.registry.>"], max_msgs_per_subject: 100 });
});

/** @param minute when it happened @param more what else it tells */
async function told(event: string, minute: number, more: Record<string, unknown> = {}): Promise<void> {
  const data = { event, service_id: ID, timestamp: toWireTimestamp(at(minute)), ...more };
  await connection.jetstream().publish(`svc.registry.${event}.${ID}`, encode({ data, meta: meta.next("registry") }));
}
const stopped = (minute: number) => ({ target: "stopped", set_by: "ann@vm", set_at: toWireTimestamp(at(minute)) });
const ordered = (minute: number) => ({ ordered_by: "ann@vm", ordered_at: toWireTimestamp(at(minute)) });

/** Of a fleet of which no operator has stopped anything. */
async function nobodysYet(): Promise<DesiredState> {
  const file = await state.write(`${crypto.randomUUID()}.yaml`, "services: []");
  return new DesiredState(file, new Logger("tcs", () => undefined));
}

/** What is wanted of it after a look into the registry. @param known the stop that this host knows of, by its minute */
async function wanted(known?: number): Promise<string> {
  const desired = await nobodysYet();
  if (known !== undefined) desired.hold(ID, { by: "bob@vm", at: at(known) });
  expect(await inheritStops(connection, "svc", [ID], desired)).toEqual([]);
  const held = desired.heldBy(ID);
  return held ? `stopped by ${held.by} in minute ${(held.at - NOON) / MINUTE_MS}` : "nothing";
}

test("a service that nobody has stopped is not stopped", async () => {
  expect(await wanted()).toBe("nothing");
  await told("declared", 0);
  await told("start", 1);
  expect(await wanted()).toBe("nothing");
});

test("the later of two stops counts", async () => {
  await told("stop", 5, stopped(5));
  expect(await wanted()).toBe("stopped by ann@vm in minute 5");
  expect(await wanted(3)).toBe("stopped by ann@vm in minute 5");
  expect(await wanted(7)).toBe("stopped by bob@vm in minute 7");
});

test("a start by order ends what was stopped before, not what was stopped later", async () => {
  await told("declared", 0);
  await told("start", 5, ordered(5));
  // After a crash: the last start was nobody's order.
  await told("start", 6);
  expect(await wanted(3)).toBe("nothing");
  expect(await wanted(7)).toBe("stopped by bob@vm in minute 7");
});

test("a start that was overtaken by a stop, and came about later, does not end it", async () => {
  await told("declared", 0);
  await told("stop", 5, stopped(5));
  await told("start", 6, ordered(4));
  expect(await wanted()).toBe("stopped by ann@vm in minute 5");
});

test("a start without an order ends nothing: who made it may not have known of the stop", async () => {
  await told("declared", 0);
  await told("start", 5);
  expect(await wanted(3)).toBe("stopped by bob@vm in minute 3");
});

test("what has run after a stop that the registry does not reach back to was started by somebody", async () => {
  await told("start", 5);
  await told("ready", 5);
  expect(await wanted(3)).toBe("nothing");
  expect(await wanted(6)).toBe("stopped by bob@vm in minute 6");
});

test("nor to the start that ended it, when there were more starts since than are kept", async () => {
  await told("declared", 0);
  await told("start", 4, ordered(4));
  for (let n = 0; n < 99; n++) await told("start", 5 + n);
  expect(await wanted(3)).toBe("nothing");
  await told("start", 200);
  expect(await wanted(3)).toBe("nothing");
  expect(await wanted(150)).toBe("stopped by bob@vm in minute 150");
});

test("who has no connection is told that nothing can be said yet", async () => {
  const desired = await nobodysYet();
  expect(await inheritStops(undefined, "svc", [ID], desired)).toEqual([ID]);
});
