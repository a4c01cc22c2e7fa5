// A mount and a dome in one simulated time, which goes on in equal steps.
import { siderealTime } from "ocabox-tcs/observatory";
import { type DomeSettings, SimulatedDome } from "./dome.ts";
import { type MountSettings, SimulatedMount } from "./mount.ts";

export interface TelescopeSettings {
  mount: MountSettings;
  dome: DomeSettings;
  /** Degrees, east is positive. */
  longitude: number;
}

/** Milliseconds. Steps are counted from the start: so what comes of the same orders at the same times is the same, however often it is looked at. */
export const STEP_MS = 100;

export class SimulatedTelescope {
  readonly mount: SimulatedMount;
  readonly dome: SimulatedDome;
  readonly #longitude: number;
  /** Simulated time, UTC, milliseconds since 1970. */
  #timeMs: number;

  constructor({ mount, dome, longitude }: TelescopeSettings, startMs: number) {
    this.#longitude = longitude;
    this.#timeMs = startMs;
    this.mount = new SimulatedMount(mount, this.lst);
    this.dome = new SimulatedDome(dome);
  }

  get timeMs(): number {
    return this.#timeMs;
  }
  /** Local sidereal time, degrees. */
  get lst(): number {
    return siderealTime(this.#timeMs, this.#longitude);
  }

  /** Lets the time come to `timeMs`, as far as whole steps go; never back. */
  advanceTo(timeMs: number): void {
    while (this.#timeMs + STEP_MS <= timeMs) {
      this.#timeMs += STEP_MS;
      this.mount.step(STEP_MS / 1000, this.lst);
      this.dome.step(STEP_MS / 1000);
    }
  }
}
