// The simulated dome: finite rate, the short way round, shutter, parking.
import { expect, test } from "bun:test";
import { shortestTurn } from "../../../src/observatory/index.ts";
import { seen, telescope, wait } from "./support.ts";

test("it turns at its speed, the short way round, through north", () => {
  const night = telescope({ dome: { speed: 2, parkAzimuth: 350 } });
  const { dome } = night;
  dome.slewTo(20);
  wait(night, 5);
  expect(seen.dome(night)).toMatchObject({ isSlewing: true, isParked: false });
  expect(shortestTurn(dome.az, 0)).toBeCloseTo(0, 6);
  wait(night, 9.9);
  expect(dome.isSlewing).toBe(true);
  wait(night, 0.2);
  expect(seen.dome(night)).toMatchObject({ isSlewing: false, az: 20 });
  dome.slewTo(340);
  wait(night, 1);
  expect(dome.az).toBeCloseTo(18, 6);
});

test("another order on the way takes the place of the first", () => {
  const night = telescope();
  night.dome.slewTo(90);
  wait(night, 10);
  night.dome.slewTo(0);
  wait(night, 11);
  expect(seen.dome(night)).toMatchObject({ az: 0, isSlewing: false });
});

test.each([-1, 360.5, Number.NaN])("azimuth %d is refused", (azimuth) => {
  const { dome } = telescope();
  expect(() => dome.slewTo(azimuth)).toThrow(`azimuth ${azimuth}: expected 0 to 360`);
  expect([dome.isSlewing, dome.isParked]).toEqual([false, true]);
});

test("azimuth 360 is north", () => {
  const night = telescope({ dome: { parkAzimuth: 10 } });
  night.dome.slewTo(360);
  wait(night, 10);
  expect(night.dome.az).toBe(0);
});

test("it parks, and an abort leaves it where it is, not parked", () => {
  const night = telescope({ dome: { parkAzimuth: 90 } });
  const { dome } = night;
  dome.slewTo(0);
  wait(night, 40);
  dome.park();
  wait(night, 10);
  dome.abort();
  wait(night, 60);
  expect(seen.dome(night)).toMatchObject({ isParked: false, isSlewing: false, az: expect.closeTo(30, 6) });
  dome.park();
  wait(night, 21);
  expect(seen.dome(night)).toMatchObject({ isParked: true, az: 90 });
});

test("the shutter takes its time, and turned back it has as far to go as it has come", () => {
  const night = telescope();
  const { dome } = night;
  expect(dome.shutter).toBe("closed");
  dome.openShutter();
  wait(night, 20);
  expect(dome.shutter).toBe("opening");
  dome.closeShutter();
  wait(night, 19);
  expect(dome.shutter).toBe("closing");
  wait(night, 2);
  expect(dome.shutter).toBe("closed");
  dome.openShutter();
  wait(night, 31);
  expect(dome.shutter).toBe("open");
});
