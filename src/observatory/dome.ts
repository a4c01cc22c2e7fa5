// The dome of a telescope, with the properties and actions of an ASCOM Alpaca dome.
import { z } from "zod";
import type { AskOptions } from "./bridge.ts";
import { Component } from "./component.ts";

/** As Alpaca numbers them. */
export const SHUTTER_STATES = ["open", "closed", "opening", "closing", "error"] as const;
export type ShutterState = (typeof SHUTTER_STATES)[number];

const ShutterStatus = z.int().transform((number, context): ShutterState => {
  const state = SHUTTER_STATES[number];
  if (state !== undefined) return state;
  context.addIssue({ code: "custom", message: `expected 0 to ${SHUTTER_STATES.length - 1}` });
  return z.NEVER;
});

/** A dome. Orders resolve when they are taken; `slewing` tells when it has arrived. */
export class Dome extends Component {
  /** Of the slit, degrees, 0 north, 90 east. */
  readonly azimuth = this.property("azimuth", z.number());
  /** It turns. */
  readonly slewing = this.property("slewing", z.boolean());
  readonly atPark = this.property("atpark", z.boolean());
  readonly shutter = this.property("shutterstatus", ShutterStatus);

  /** Turns the slit. @param azimuth degrees, 0 to 360 */
  slewToAzimuth(azimuth: number, options?: AskOptions): Promise<void> {
    return this.put("slewtoazimuth", { Azimuth: azimuth }, options);
  }
  /** Stops it where it is. */
  abortSlew(options?: AskOptions): Promise<void> {
    return this.put("abortslew", {}, options);
  }
  park(options?: AskOptions): Promise<void> {
    return this.put("park", {}, options);
  }
  openShutter(options?: AskOptions): Promise<void> {
    return this.put("openshutter", {}, options);
  }
  closeShutter(options?: AskOptions): Promise<void> {
    return this.put("closeshutter", {}, options);
  }
}
