// A telescope: its components.
import type { Bridge } from "./bridge.ts";
import { Component } from "./component.ts";
import { Dome } from "./dome.ts";
import { Mount } from "./mount.ts";

export class Telescope {
  /** As `zb08`. */
  readonly name: string;
  readonly mount: Mount;
  readonly dome: Dome;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge, name: string) {
    this.#bridge = bridge;
    this.name = name;
    this.mount = new Mount(bridge, `${name}.mount`);
    this.dome = new Dome(bridge, `${name}.dome`);
  }

  /** Any component, by the name that it has in OCABox: `focuser`, `filterwheel`, `camera`. */
  component(name: string): Component {
    return new Component(this.#bridge, `${this.name}.${name}`);
  }
}
