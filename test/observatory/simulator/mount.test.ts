// The simulated mount: finite rate, sidereal tracking, limits, parking.
import { expect, test } from "bun:test";
import { OrderRefused } from "../../../services/simulator/refusal.ts";
import { SIDEREAL_RATE, wrap180 } from "../../../src/observatory/index.ts";
import { seen, telescope, unparked, wait } from "./support.ts";

/** A place in the sky that stands `ha` degrees west of the meridian now. */
function raAt(ha: number, lst: number): number {
  return (lst - ha + 360) % 360;
}

test("it begins parked where it is told to", () => {
  expect(seen.mount(telescope())).toMatchObject({
    isParked: true,
    az: expect.closeTo(180, 6),
    alt: expect.closeTo(45, 6),
  });
});

test("a slew takes the way divided by the rate, no less and no more than a step", () => {
  const night = unparked({ mount: { slewRate: 2 } });
  const { mount } = night;
  mount.slewToDirection(180, 75);
  // 30° of declination on the meridian.
  wait(night, 14.9);
  expect(mount.isSlewing).toBe(true);
  expect(mount.alt).toBeCloseTo(45 + 29.8, 4);
  wait(night, 0.2);
  expect(seen.mount(night)).toMatchObject({ isSlewing: false, isTracking: false, alt: expect.closeTo(75, 6) });
});

test("after a slew to a place in the sky it tracks: right ascension stays, the hour angle grows with the sky", () => {
  const night = unparked();
  const { mount } = night;
  const ra = raAt(-30, night.lst);
  mount.slewToSky(ra, -40);
  wait(night, 60);
  expect(seen.mount(night)).toMatchObject({ isSlewing: false, isTracking: true, dec: -40, ra: expect.closeTo(ra, 9) });
  const before = wrap180(night.lst - mount.ra);
  wait(night, 3600);
  expect(mount.ra).toBeCloseTo(ra, 9);
  expect(wrap180(night.lst - mount.ra) - before).toBeCloseTo(SIDEREAL_RATE * 3600, 4);
});

test("without tracking the direction stays, and the right ascension drifts", () => {
  const night = unparked();
  const { mount } = night;
  const { az, alt, ra } = mount;
  wait(night, 600);
  expect([mount.az, mount.alt]).toEqual([az, alt]);
  expect(wrap180(mount.ra - ra)).toBeCloseTo(SIDEREAL_RATE * 600, 4);
});

test("the same orders at the same times give the same night, however often it is looked at", () => {
  const [often, seldom] = [unparked(), unparked()];
  for (const night of [often, seldom]) night.mount.slewToSky(raAt(-50, night.lst), -20);
  for (let i = 0; i < 18_000; i++) wait(often, 0.37);
  seldom.advanceTo(often.timeMs);
  expect(seldom.mount.az).toBe(often.mount.az);
  expect(seldom.mount.alt).toBe(often.mount.alt);
});

test("tracking ends at the lowest altitude, and says why", () => {
  const night = unparked();
  const { mount } = night;
  mount.slewToSky(raAt(60, night.lst), -20);
  wait(night, 4 * 3600);
  expect(mount.isTracking).toBe(false);
  expect(mount.stoppedBy).toBe("the altitude is at its limit of 15°");
  expect(mount.alt).toBeGreaterThanOrEqual(15);
  expect(mount.alt).toBeLessThan(15.01);
  mount.slewToSky(raAt(0, night.lst), -20);
  expect(mount.stoppedBy).toBeUndefined();
});

test.each<[string, (mount: ReturnType<typeof unparked>["mount"], lst: number) => void, RegExp]>([
  ["a place below the limit", (mount, lst) => mount.slewToSky(raAt(80, lst), 20), /^altitude .*: expected 15 or more$/],
  ["a direction below the limit", (mount) => mount.slewToDirection(90, 10), /^altitude 10.0: expected 15 or more$/],
  ["a declination that is none", (mount) => mount.slewToSky(10, 91), /^declination 91: expected -90 to 90$/],
  ["a right ascension that is none", (mount) => mount.slewToSky(375, 0), /^right ascension 25 h: expected 0 up to 24$/],
  ["an azimuth that is none", (mount) => mount.slewToDirection(361, 45), /^azimuth 361: expected 0 to 360$/],
  ["an altitude that is none", (mount) => mount.slewToDirection(10, 95), /^altitude 95: expected at most 90$/],
  ["no number", (mount) => mount.slewToSky(Number.NaN, 0), /^right ascension NaN h: /],
])("%s is refused, and the mount stays", (_what, order, says) => {
  const night = unparked();
  const { az } = night.mount;
  expect(() => order(night.mount, night.lst)).toThrow(says);
  wait(night, 10);
  expect(night.mount).toMatchObject({ isSlewing: false, az });
});

test("a parked mount takes no orders but to unpark", () => {
  const { mount } = telescope();
  const orders = [
    () => mount.slewToSky(0, 0),
    () => mount.slewToDirection(180, 50),
    () => mount.track(true),
    () => mount.abort(),
  ];
  for (const order of orders) expect(order).toThrow(OrderRefused);
  mount.park();
  mount.unpark();
  expect(mount.isParked).toBe(false);
});

test("parking takes its time, and ends at the park position", () => {
  const night = unparked();
  const { mount } = night;
  mount.slewToSky(raAt(-30, night.lst), -60);
  wait(night, 60);
  mount.park();
  expect(seen.mount(night)).toMatchObject({ isParked: false, isSlewing: true });
  wait(night, 120);
  expect(seen.mount(night)).toMatchObject({
    isParked: true,
    isSlewing: false,
    az: expect.closeTo(180, 6),
    alt: expect.closeTo(45, 6),
  });
});

test("an aborted slew ends where it is, and a slew cannot be tracked", () => {
  const night = unparked();
  const { mount } = night;
  mount.slewToDirection(180, 80);
  wait(night, 5);
  expect(() => mount.track(true)).toThrow("it is slewing: tracking begins when it has arrived");
  mount.abort();
  wait(night, 60);
  expect(seen.mount(night)).toMatchObject({ isSlewing: false, isTracking: false, alt: expect.closeTo(60, 4) });
});
