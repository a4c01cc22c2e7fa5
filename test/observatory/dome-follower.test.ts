// What the dome follower orders, and when: a telescope that is only answers, so that each case is exactly as it is told.
import { expect, test } from "bun:test";
import { DomeFollower } from "../../services/examples/dome_follower.ts";
import { Messenger, type RpcCallback } from "../../src/messenger/index.ts";
import { startForTest } from "../../src/service/testing.ts";
import { brokerForServices } from "../kinds/support.ts";
import { waitFor } from "../support/wait.ts";

const ok = (result: unknown) => ({ status: "ok", result, ts: [2026, 11, 21, 0, 0, 0, 0] });

/** A telescope that answers what it is told to, and keeps the orders to its dome; its dome turns until it is told not to. */
async function openTelescope() {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await brokerForServices());
  const messenger = stack.use(await Messenger.open({ url: broker.url, name: "bridge" }));
  const orders: number[] = [];
  const now = { azimuth: 0 as unknown, slit: 0, isMountSlewing: false, isDomeTurning: false, refusal: "" };
  const answers: Record<string, () => unknown> = {
    "mount.atpark": () => ok(false),
    "mount.slewing": () => ok(now.isMountSlewing),
    "mount.azimuth": () => ok(now.azimuth),
    "dome.slewing": () => ok(now.isDomeTurning),
    "dome.azimuth": () => ok(now.slit),
  };
  const answer: RpcCallback<{ parameters: { Azimuth?: number } }> = ({ data, meta }) => {
    const command = meta.nats.subject.slice("tic.rpc.zb08.".length);
    if (command !== "dome.slewtoazimuth") return answers[command]?.();
    orders.push(data.parameters.Azimuth ?? Number.NaN);
    if (now.refusal) return { status: "error", error: "driver_error", message: now.refusal, code: 1279 };
    now.isDomeTurning = true;
    return ok(null);
  };
  // Not more: the follower answers below its dome.
  for (const component of ["mount", "dome"]) messenger.getRpcResponder(`tic.rpc.zb08.${component}.*`, {}, answer);
  const open = async (fields: Record<string, unknown> = {}) => {
    await messenger.connected(10_000);
    await messenger.connection?.flush();
    const follower = stack.use(await startForTest(DomeFollower, { variant: "zb08", interval: 0.005, ...fields }));
    const looks = async () => Number((await messenger.request<{ looks: number }>(STATE)).data.looks);
    /** Two looks begin and end: what is now has been seen. */
    const looked = async () => {
      const before = await looks();
      await waitFor("two looks", async () => (await looks()) >= before + 2);
    };
    await waitFor("it", async () => (await looks()) >= 0);
    return { follower, looked };
  };
  return { now, orders, open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
const STATE = "tic.rpc.zb08.dome.follower.state";

test.each([
  ["through north to the east", 359, 3, [3]],
  ["through north to the west", 2, 357, [357]],
  ["to north, by its other name", 180, 360, [0]],
  ["to an azimuth below nought", 180, -90, [270]],
  ["nowhere, if north is between by less than the tolerance", 359.5, 1, []],
])("the dome is sent %s", async (_, slit, azimuth, expected) => {
  await using telescope = await openTelescope();
  Object.assign(telescope.now, { slit, azimuth });
  const { looked } = await telescope.open();
  await looked();
  expect(telescope.orders).toEqual(expected);
});

test("a dome that turns is sent to the new target of the telescope, and not after its drift", async () => {
  await using telescope = await openTelescope();
  telescope.now.azimuth = 90;
  const { looked } = await telescope.open();
  await waitFor("the first order", () => telescope.orders.length === 1);
  telescope.now.azimuth = 94;
  await looked();
  expect(telescope.orders).toEqual([90]);
  // As it is with a telescope: it slews before it is elsewhere.
  telescope.now.isMountSlewing = true;
  await looked();
  telescope.now.azimuth = 300;
  await looked();
  expect(telescope.orders).toEqual([90]);
  telescope.now.isMountSlewing = false;
  await looked();
  expect(telescope.orders).toEqual([90, 300]);
});

test("with redirect: false it is let go to its end first", async () => {
  await using telescope = await openTelescope();
  telescope.now.azimuth = 90;
  const { looked } = await telescope.open({ redirect: false });
  await waitFor("the first order", () => telescope.orders.length === 1);
  telescope.now.azimuth = 300;
  await looked();
  expect(telescope.orders).toEqual([90]);
  Object.assign(telescope.now, { slit: 90, isDomeTurning: false });
  await waitFor("the second order", () => telescope.orders.length === 2);
  expect(telescope.orders).toEqual([90, 300]);
});

test("a turn that somebody else has ordered is not cut short", async () => {
  await using telescope = await openTelescope();
  Object.assign(telescope.now, { azimuth: 90, isDomeTurning: true });
  const { looked } = await telescope.open();
  await looked();
  expect(telescope.orders).toEqual([]);
  telescope.now.isDomeTurning = false;
  await waitFor("the order", () => telescope.orders.length === 1);
});

test("a dome that refuses another order while it turns is asked once, and again when it stands", async () => {
  await using telescope = await openTelescope();
  telescope.now.azimuth = 90;
  const { follower, looked } = await telescope.open();
  await waitFor("the first order", () => telescope.orders.length === 1);
  Object.assign(telescope.now, { azimuth: 300, refusal: "it is moving" });
  await follower.logged("the dome goes on to where it was sent before");
  await looked();
  expect(telescope.orders).toEqual([90, 300]);
  expect(follower.status).toBe("ok");
  Object.assign(telescope.now, { slit: 90, isDomeTurning: false, refusal: "" });
  await waitFor("the next order", () => telescope.orders.length === 3);
  expect(telescope.orders).toEqual([90, 300, 300]);
});

test("an order that is refused at the dome's limits is told, and tried again until it is taken", async () => {
  await using telescope = await openTelescope();
  Object.assign(telescope.now, { azimuth: 170, refusal: "azimuth 170: the limit is 160" });
  const { follower } = await telescope.open();
  await waitFor("it to be told", () => follower.status === "degraded");
  expect(follower.message).toBe("zb08.dome.slewtoazimuth: refused: azimuth 170: the limit is 160 (1279)");
  telescope.now.azimuth = 150;
  await waitFor("it to be asked there", () => telescope.orders.at(-1) === 150);
  telescope.now.refusal = "";
  await waitFor("it to be well", () => follower.status === "ok");
  expect(telescope.orders.at(-1)).toBe(150);
});

test.each([null, "north", {}])("a mount that says %p for its azimuth moves no dome", async (azimuth) => {
  await using telescope = await openTelescope();
  telescope.now.azimuth = azimuth;
  const { follower } = await telescope.open();
  await waitFor("it to be told", () => follower.status === "degraded");
  expect(follower.message).toStartWith("zb08.mount.azimuth: unexpected result");
  expect(telescope.orders).toEqual([]);
});
