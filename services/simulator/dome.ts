// A dome that is only simulated: it turns at a finite rate, the short way round, and has a shutter.
import { type ShutterState, shortestTurn, wrap360 } from "ocabox-tcs/observatory";
import { OrderRefused } from "./refusal.ts";

export interface DomeSettings {
  /** Degrees a second. */
  speed: number;
  /** Degrees. */
  parkAzimuth: number;
  /** Seconds that the shutter takes to open or close. */
  shutterTime: number;
}

/** The dome's model: pure, time is handed in step by step. */
export class SimulatedDome {
  readonly #settings: DomeSettings;
  #az: number;
  #goal: { az: number; parks: boolean } | undefined;
  #isParked = true;
  #shutter: ShutterState = "closed";
  /** Seconds until the shutter is where it is going. */
  #shutterLeft = 0;

  constructor(settings: DomeSettings) {
    this.#settings = settings;
    this.#az = wrap360(settings.parkAzimuth);
  }

  get az(): number {
    return this.#az;
  }
  get isSlewing(): boolean {
    return this.#goal !== undefined;
  }
  get isParked(): boolean {
    return this.#isParked;
  }
  get shutter(): ShutterState {
    return this.#shutter;
  }

  /** Lets `seconds` go by. */
  step(seconds: number): void {
    this.#turn(seconds);
    this.#moveShutter(seconds);
  }

  /** Another order while it turns takes the place of the first. */
  slewTo(azimuth: number): void {
    if (!(azimuth >= 0 && azimuth <= 360)) throw new OrderRefused(`azimuth ${azimuth}: expected 0 to 360`);
    this.#isParked = false;
    this.#goal = { az: wrap360(azimuth), parks: false };
  }

  park(): void {
    if (!this.#isParked) this.#goal = { az: wrap360(this.#settings.parkAzimuth), parks: true };
  }

  abort(): void {
    this.#goal = undefined;
  }

  openShutter(): void {
    this.#beginShutter("opening", "open");
  }

  closeShutter(): void {
    this.#beginShutter("closing", "closed");
  }

  #turn(seconds: number): void {
    const goal = this.#goal;
    if (!goal) return;
    const way = shortestTurn(this.#az, goal.az);
    const reach = this.#settings.speed * seconds;
    if (Math.abs(way) > reach) {
      this.#az = wrap360(this.#az + Math.sign(way) * reach);
      return;
    }
    this.#az = goal.az;
    this.#isParked = goal.parks;
    this.#goal = undefined;
  }

  #beginShutter(moving: "opening" | "closing", arrived: ShutterState): void {
    if (this.#shutter === moving || this.#shutter === arrived) return;
    const { shutterTime } = this.#settings;
    // Turned back on its way, it has as far to go as it has come.
    this.#shutterLeft = this.#shutterLeft > 0 ? shutterTime - this.#shutterLeft : shutterTime;
    this.#shutter = moving;
  }

  #moveShutter(seconds: number): void {
    if (this.#shutter !== "opening" && this.#shutter !== "closing") return;
    this.#shutterLeft = Math.max(0, this.#shutterLeft - seconds);
    if (this.#shutterLeft === 0) this.#shutter = this.#shutter === "opening" ? "open" : "closed";
  }
}
