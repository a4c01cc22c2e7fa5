// A whole night: simulator and dome follower as processes of the executable, on a real broker.
import { expect, test } from "bun:test";
import { shortestTurn, siderealTime } from "../../src/observatory/index.ts";
import { waitFor } from "../support/wait.ts";
import type { WireRecord } from "../support/wire.ts";
import { openNight, type SimulatedNight } from "./support.ts";

const LONGITUDE = -70.196;
const START_MS = Date.parse("2026-11-21T00:00:00Z");
/** Seconds between two looks at the slit. */
const STEP_S = 60;
const HOURS = 10;
/** Hour angle in hours at the beginning, declination, and for how many hours it is followed. */
const TARGETS: readonly [ha: number, dec: number, hours: number][] = [
  [-3, -60, 2],
  [1, 5, 2],
  [-2, -10, 3],
  [-1, -75, 1.5],
  [-2.5, -50, 1.5],
];
/** What the follower allows, and how far the sky can take the telescope until the next look at it. */
const FOLLOW_TOLERANCE = 1;
const TOLERANCE = FOLLOW_TOLERANCE + 1.5;
/** In which every slew ends, and the dome has come after: half a turn and the widest slew at 3° a second. */
const ARRIVAL_S = 180;

async function offset({ telescope }: SimulatedNight): Promise<number> {
  return Math.abs(shortestTurn(await telescope.dome.azimuth.get(), await telescope.mount.azimuth.get()));
}

test("through a night of ten hours the slit is on the telescope whenever it tracks", async () => {
  await using night = await openNight({ follower: { follow_tolerance: FOLLOW_TOLERANCE } });
  const { mount, dome } = night.telescope;
  await mount.unpark();
  await dome.openShutter();
  let elapsedS = 0;
  const advance = async (seconds: number) => {
    elapsedS += seconds;
    await night.advance(seconds);
  };
  const offsets: number[] = [];
  const azimuths: number[] = [];
  for (const [ha, dec, hours] of TARGETS) {
    const endS = elapsedS + hours * 3600;
    const lst = siderealTime(START_MS + elapsedS * 1000, LONGITUDE) / 15;
    await mount.slewToCoordinates({ ra: (lst - ha + 24) % 24, dec });
    expect(await mount.slewing.get()).toBe(true);
    for (let left = ARRIVAL_S; left > 0; left -= STEP_S) {
      await advance(STEP_S);
      await night.looked();
    }
    expect(await mount.slewing.get()).toBe(false);
    while (elapsedS < endS) {
      await advance(STEP_S);
      offsets.push(await offset(night));
      azimuths.push(await mount.azimuth.get());
      await night.looked();
    }
    expect(await mount.tracking.get()).toBe(true);
  }
  expect(elapsedS).toBe(HOURS * 3600);
  expect(offsets.length).toBeGreaterThan(500);
  expect(Math.max(...offsets)).toBeLessThan(TOLERANCE);
  // It was no night of standing still.
  expect(Math.max(...azimuths) - Math.min(...azimuths)).toBeGreaterThan(180);
  expect(await dome.shutter.get()).toBe("open");
  await mount.park();
  await dome.park();
  await advance(ARRIVAL_S);
  expect([await mount.atPark.get(), await dome.atPark.get()]).toEqual([true, true]);
  expect(await night.fleet.stop()).toBe(143);
}, 300_000);

const FOLLOWER = "examples.dome_follower.sim";

test("a dome that is too slow makes the follower degraded, and it is well again when the slit has arrived", async () => {
  await using night = await openNight({
    simulator: { dome_speed: 0.1 },
    // Turned on when the mount has arrived: else the dome might be on its way to where the mount was parked.
    follower: { lag_tolerance: 5, lag_time: 0.05, turn_on_automatically: false },
  });
  const { mount } = night.telescope;
  await mount.unpark();
  await mount.slewToAltAz({ az: 90, alt: 50 });
  await night.advance(120);
  await night.messenger.request("tic.rpc.sim.dome.follower.on");
  const isTold = ({ data }: WireRecord) => data.message === "the slit lags behind by more than 5°";
  const { data } = await night.fleet.wire.waitFor("the lag", isTold);
  expect(data.status).toBe("degraded");
  const told = night.fleet.wire.of("status", FOLLOWER).length;
  await night.advance(1000);
  await waitFor("it to be well again", () =>
    night.fleet.wire
      .of("status", FOLLOWER)
      .slice(told)
      .some(({ data }) => data.status === "ok"),
  );
  expect(await offset(night)).toBeLessThan(2);
});

test("the follower is turned off and on; without a telescope it is degraded, and goes on", async () => {
  await using night = await openNight({ follower: { request_timeout: 0.5 } });
  const { wire } = night.fleet;
  const { mount, dome } = night.telescope;
  expect((await night.messenger.request("tic.rpc.sim.dome.follower.off")).data).toMatchObject({
    status: "ok",
    telescope: "sim",
    follow_on: false,
  });
  await wire.waitForStatus(FOLLOWER, "idle");
  await mount.unpark();
  await mount.slewToAltAz({ az: 60, alt: 50 });
  await night.advance(120);
  expect([await mount.slewing.get(), await dome.slewing.get(), await dome.azimuth.get()]).toEqual([false, false, 0]);
  await night.messenger.request("tic.rpc.sim.dome.follower.on");
  await night.looked();
  await night.advance(60);
  expect(await offset(night)).toBeLessThan(0.001);
  const [started] = wire.of("registry.start", "simulator.sim");
  process.kill(Number(started?.data.pid), "SIGKILL");
  const { data } = await wire.waitForStatus(FOLLOWER, "degraded");
  expect(data.message).toMatch(/^sim\.(mount|dome)\.[a-z]+: (nobody answers for it|no answer within 0\.5 s)$/);
  expect(wire.of("registry.crashed", FOLLOWER)).toEqual([]);
});
