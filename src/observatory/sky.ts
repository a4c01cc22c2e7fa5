// Where things in the sky are: angles, sidereal time, horizontal coordinates.
// Source of the formulas: J. Meeus, Astronomical Algorithms, 2nd edition, chapters 7, 12 and 13. Without precession, nutation,
// aberration and refraction, and with UTC for UT1: right to about half a degree, for a simulation that is consistent in itself.

const DEGREE = Math.PI / 180;
/** Julian day of 1970-01-01T00:00Z, and of the epoch J2000.0. */
const JD_OF_UNIX_EPOCH = 2_440_587.5;
const J2000 = 2_451_545.0;

/** Degrees by which the sky turns in a second (Meeus, 12.4: 360.98564736629° a day). */
export const SIDEREAL_RATE = 360.985_647_366_29 / 86_400;

export interface Horizontal {
  /** Degrees, 0 north, 90 east. */
  az: number;
  /** Degrees above the horizon. */
  alt: number;
}

/** The same angle, degrees, from 0 up to, not including, 360. */
export function wrap360(angle: number): number {
  const rest = angle % 360;
  // Adding 360 to a tiny negative number gives 360.
  return rest < 0 ? (rest + 360) % 360 : rest + 0;
}

/** The same angle, degrees, above -180 up to 180. */
export function wrap180(angle: number): number {
  const wrapped = wrap360(angle);
  return wrapped > 180 ? wrapped - 360 : wrapped;
}

/** Degrees to turn from one azimuth to another the short way round; positive: clockwise, from north over east. */
export function shortestTurn(from: number, to: number): number {
  return wrap180(to - from);
}

/**
 * Local mean sidereal time, degrees (Meeus, 12.4, with the longitude added).
 * @param timeMs UTC, milliseconds since 1970 @param longitude degrees, east is positive
 */
export function siderealTime(timeMs: number, longitude: number): number {
  const days = timeMs / 86_400_000 + JD_OF_UNIX_EPOCH - J2000;
  const t = days / 36_525;
  const greenwich = 280.460_618_37 + 360.985_647_366_29 * days + 0.000_387_933 * t * t - (t * t * t) / 38_710_000;
  return wrap360(greenwich + longitude);
}

/**
 * The direction of a place in the sky (Meeus, 13.5 and 13.6, with the azimuth from north).
 * @param ha hour angle, degrees, west is positive @param dec degrees @param latitude degrees
 */
export function toHorizontal({ ha, dec }: { ha: number; dec: number }, latitude: number): Horizontal {
  const [h, d, phi] = [ha * DEGREE, dec * DEGREE, latitude * DEGREE];
  const y = Math.sin(h) * Math.cos(d);
  const x = Math.cos(h) * Math.cos(d) * Math.sin(phi) - Math.sin(d) * Math.cos(phi);
  const sinAlt = Math.sin(phi) * Math.sin(d) + Math.cos(phi) * Math.cos(d) * Math.cos(h);
  return { az: wrap360(Math.atan2(y, x) / DEGREE + 180), alt: arcsine(sinAlt) };
}

/** Back: hour angle and declination of a direction, degrees (Meeus, chapter 13, after 13.6). */
export function toEquatorial({ az, alt }: Horizontal, latitude: number): { ha: number; dec: number } {
  // Meeus counts azimuths from the south.
  const [a, h, phi] = [(az - 180) * DEGREE, alt * DEGREE, latitude * DEGREE];
  const y = Math.sin(a) * Math.cos(h);
  const x = Math.cos(a) * Math.cos(h) * Math.sin(phi) + Math.sin(h) * Math.cos(phi);
  const sinDec = Math.sin(phi) * Math.sin(h) - Math.cos(phi) * Math.cos(h) * Math.cos(a);
  return { ha: wrap180(Math.atan2(y, x) / DEGREE), dec: arcsine(sinDec) };
}

/** Degrees. Rounding may have left the argument just outside of what it can be. */
function arcsine(value: number): number {
  return Math.asin(Math.max(-1, Math.min(1, value))) / DEGREE;
}
