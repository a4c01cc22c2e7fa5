// A mount that is only simulated: equatorial, both axes turn at one finite rate, and it follows the sky.
import { SIDEREAL_RATE, toEquatorial, toHorizontal, wrap180, wrap360 } from "ocabox-tcs/observatory";
import { OrderRefused } from "./refusal.ts";

export interface MountSettings {
  /** Degrees, north is positive. */
  latitude: number;
  /** Degrees a second, of each axis. */
  slewRate: number;
  /** Degrees: below that it goes nowhere. */
  minAltitude: number;
  /** Where it is parked, degrees. */
  park: { az: number; alt: number };
}

/** Where the axes stand, degrees: hour angle (west is positive) and declination. */
interface Axes {
  ha: number;
  dec: number;
}

/** Where it is going: to a place in the sky, which moves, or to a direction, which does not. */
type Goal = { kind: "sky"; ra: number; dec: number } | { kind: "direction"; axes: Axes; afterwards: "idle" | "parked" };
type Mode = { is: "parked" | "idle" } | { is: "tracking"; ra: number; dec: number } | { is: "slewing"; goal: Goal };

/** Degrees of declination for which there is a place in the sky. */
const POLE = 90;

/**
 * The mount's model: pure, time is handed in as the sidereal time of each step.
 * While it tracks, the hour angle grows by SIDEREAL_RATE and the declination stays. While it slews, each axis
 * turns at the slew rate until it stands where the goal then is. The hour axis does not turn through 180°, as a
 * real one with cables does not.
 */
export class SimulatedMount {
  readonly #settings: MountSettings;
  #axes: Axes;
  #mode: Mode = { is: "parked" };
  /** Local sidereal time, degrees. */
  #lst: number;
  /** Why it stands still without having been told to. */
  #stoppedBy: string | undefined;

  constructor(settings: MountSettings, lst: number) {
    this.#settings = settings;
    this.#lst = lst;
    this.#axes = toEquatorial(settings.park, settings.latitude);
  }

  get az(): number {
    return this.#horizontal(this.#axes).az;
  }
  get alt(): number {
    return this.#horizontal(this.#axes).alt;
  }
  /** Degrees. */
  get ra(): number {
    return wrap360(this.#lst - this.#axes.ha);
  }
  get dec(): number {
    return this.#axes.dec;
  }
  get isSlewing(): boolean {
    return this.#mode.is === "slewing";
  }
  get isTracking(): boolean {
    return this.#mode.is === "tracking";
  }
  get isParked(): boolean {
    return this.#mode.is === "parked";
  }
  get stoppedBy(): string | undefined {
    return this.#stoppedBy;
  }

  /** Lets `seconds` go by, after which the sidereal time is `lst`. */
  step(seconds: number, lst: number): void {
    this.#lst = lst;
    const mode = this.#mode;
    if (mode.is === "tracking") this.#track(mode);
    else if (mode.is === "slewing") this.#slew(mode.goal, seconds);
  }

  /** @param ra degrees @param dec degrees */
  slewToSky(ra: number, dec: number): void {
    this.#refuseParked();
    if (!(ra >= 0 && ra < 360)) throw new OrderRefused(`right ascension ${ra / 15} h: expected 0 up to 24`);
    if (!(Math.abs(dec) <= POLE)) throw new OrderRefused(`declination ${dec}: expected -90 to 90`);
    this.#refuseLow({ ha: wrap180(this.#lst - ra), dec });
    this.#go({ kind: "sky", ra, dec });
  }

  slewToDirection(az: number, alt: number): void {
    this.#refuseParked();
    if (!(az >= 0 && az <= 360)) throw new OrderRefused(`azimuth ${az}: expected 0 to 360`);
    if (!(alt <= POLE)) throw new OrderRefused(`altitude ${alt}: expected at most 90`);
    const axes = toEquatorial({ az, alt }, this.#settings.latitude);
    this.#refuseLow(axes);
    this.#go({ kind: "direction", axes, afterwards: "idle" });
  }

  park(): void {
    if (this.isParked) return;
    const axes = toEquatorial(this.#settings.park, this.#settings.latitude);
    this.#go({ kind: "direction", axes, afterwards: "parked" });
  }

  unpark(): void {
    if (this.isParked) this.#mode = { is: "idle" };
  }

  abort(): void {
    this.#refuseParked();
    if (this.isSlewing) this.#mode = { is: "idle" };
  }

  track(on: boolean): void {
    this.#refuseParked();
    if (this.isSlewing) throw new OrderRefused("it is slewing: tracking begins when it has arrived");
    if (on && !this.isTracking) {
      this.#refuseLow(this.#axes);
      this.#mode = { is: "tracking", ra: this.ra, dec: this.dec };
      this.#stoppedBy = undefined;
    } else if (!on) this.#mode = { is: "idle" };
  }

  #go(goal: Goal): void {
    this.#stoppedBy = undefined;
    this.#mode = { is: "slewing", goal };
  }

  #track({ ra, dec }: { ra: number; dec: number }): void {
    const axes = { ha: wrap180(this.#lst - ra), dec };
    const isOverTheEdge = Math.abs(axes.ha - this.#axes.ha) > 180;
    if (isOverTheEdge) this.#stop("the hour axis is at its end");
    else if (this.#horizontal(axes).alt < this.#settings.minAltitude) {
      this.#stop(`the altitude is at its limit of ${this.#settings.minAltitude}°`);
    } else this.#axes = axes;
  }

  #slew(goal: Goal, seconds: number): void {
    const { ha, dec } = goal.kind === "sky" ? { ha: wrap180(this.#lst - goal.ra), dec: goal.dec } : goal.axes;
    const reach = this.#settings.slewRate * seconds;
    this.#axes = { ha: towards(this.#axes.ha, ha, reach), dec: towards(this.#axes.dec, dec, reach) };
    if (this.#axes.ha !== ha || this.#axes.dec !== dec) return;
    if (goal.kind === "sky") this.#mode = { is: "tracking", ra: goal.ra, dec };
    else this.#mode = { is: goal.afterwards };
  }

  #stop(why: string): void {
    this.#mode = { is: "idle" };
    this.#stoppedBy = why;
  }

  #horizontal(axes: Axes) {
    return toHorizontal(axes, this.#settings.latitude);
  }

  #refuseParked(): void {
    if (this.isParked) throw new OrderRefused("the mount is parked: unpark it first");
  }

  #refuseLow(axes: Axes): void {
    const { alt } = this.#horizontal(axes);
    const { minAltitude } = this.#settings;
    // What the formulas round off must not refuse the limit itself.
    if (alt < minAltitude - 1e-6) {
      throw new OrderRefused(`altitude ${alt.toFixed(1)}: expected ${minAltitude} or more`);
    }
  }
}

/** A rate below this could never catch up with the sky. */
export const LEAST_SLEW_RATE = 10 * SIDEREAL_RATE;

function towards(from: number, to: number, reach: number): number {
  const way = to - from;
  return Math.abs(way) <= reach ? to : from + Math.sign(way) * reach;
}
