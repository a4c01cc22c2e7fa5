// Where things in the sky are, held to the worked examples of the book that the formulas are from.
import { expect, test } from "bun:test";
import {
  SIDEREAL_RATE,
  shortestTurn,
  siderealTime,
  toEquatorial,
  toHorizontal,
  wrap180,
  wrap360,
} from "../../src/observatory/index.ts";

test("sidereal time is that of Meeus, examples 12.a and 12.b", () => {
  expect(siderealTime(Date.UTC(1987, 3, 10), 0)).toBeCloseTo(197.693_195, 5);
  expect(siderealTime(Date.UTC(1987, 3, 10, 19, 21), 0)).toBeCloseTo(128.737_873_4, 5);
});

test("sidereal time grows to the east, and by the sidereal rate", () => {
  const at = Date.UTC(2026, 10, 21);
  expect(wrap180(siderealTime(at, 30) - siderealTime(at, 0))).toBeCloseTo(30, 6);
  expect(wrap180(siderealTime(at + 3_600_000, 0) - siderealTime(at, 0))).toBeCloseTo(SIDEREAL_RATE * 3600, 4);
});

test("Venus over Washington stands where Meeus, example 13.b, has it (azimuth from north)", () => {
  const { az, alt } = toHorizontal({ ha: 64.352_133, dec: -6.719_892 }, 38.921_389);
  expect(az).toBeCloseTo(248.0337, 3);
  expect(alt).toBeCloseTo(15.1249, 3);
});

test("what crosses the meridian south of the zenith stands in the south, what rises in the east", () => {
  expect(toHorizontal({ ha: 0, dec: -60 }, -24.6)).toMatchObject({
    az: expect.closeTo(180, 6),
    alt: expect.closeTo(54.6, 6),
  });
  expect(toHorizontal({ ha: 0, dec: 20 }, -24.6)).toMatchObject({
    az: expect.closeTo(0, 6),
    alt: expect.closeTo(45.4, 6),
  });
  expect(toHorizontal({ ha: -90, dec: 0 }, -24.6)).toMatchObject({
    az: expect.closeTo(90, 6),
    alt: expect.closeTo(0, 6),
  });
});

test("there and back again is the same direction, all over the sky", () => {
  for (const latitude of [-24.6, 0, 38.9, 60]) {
    for (let az = 5; az < 360; az += 10) {
      for (let alt = 5; alt < 90; alt += 10) {
        const back = toHorizontal(toEquatorial({ az, alt }, latitude), latitude);
        expect(Math.abs(shortestTurn(back.az, az))).toBeLessThan(1e-6);
        expect(back.alt).toBeCloseTo(alt, 6);
      }
    }
  }
});

test("the zenith and the poles give numbers", () => {
  for (const { az, alt } of [toHorizontal({ ha: 0, dec: -24.6 }, -24.6), toHorizontal({ ha: 70, dec: -90 }, -90)]) {
    expect(alt).toBeCloseTo(90, 5);
    expect(Number.isFinite(az)).toBe(true);
  }
});

test.each([
  [350, 10, 20],
  [10, 350, -20],
  [0, 180, 180],
  [90, 90, 0],
  [359.5, 0, 0.5],
])("from %d to %d the short way is %d", (from, to, turn) => expect(shortestTurn(from, to)).toBeCloseTo(turn, 9));

test("angles are brought into their circle, whatever they are", () => {
  expect([wrap360(-1e-15), wrap360(360), wrap360(-90), wrap360(725)]).toEqual([0, 0, 270, 5]);
  expect([wrap180(180), wrap180(-180), wrap180(190), wrap180(-190)]).toEqual([180, 180, -170, 170]);
});
