// The mount of a telescope, with the properties and actions of an ASCOM Alpaca telescope.
import { z } from "zod";
import type { AskOptions } from "./bridge.ts";
import { Component } from "./component.ts";

/** A mount. Orders resolve when they are taken; `slewing` tells when the mount has arrived. */
export class Mount extends Component {
  /** Degrees, 0 north, 90 east. */
  readonly azimuth = this.property("azimuth", z.number());
  /** Degrees above the horizon. */
  readonly altitude = this.property("altitude", z.number());
  /** Hours. */
  readonly rightAscension = this.property("rightascension", z.number());
  /** Degrees. */
  readonly declination = this.property("declination", z.number());
  /** Local sidereal time, hours. */
  readonly siderealTime = this.property("siderealtime", z.number());
  /** On its way to where it was sent. */
  readonly slewing = this.property("slewing", z.boolean());
  /** Follows the sky. */
  readonly tracking = this.settable("tracking", z.boolean(), "Tracking");
  readonly atPark = this.property("atpark", z.boolean());

  /** Turns to a place in the sky, and follows it. @param ra hours @param dec degrees */
  slewToCoordinates({ ra, dec }: { ra: number; dec: number }, options?: AskOptions): Promise<void> {
    return this.put("slewtocoordinatesasync", { RightAscension: ra, Declination: dec }, options);
  }
  /** Turns to a direction, and stays there. @param az degrees, 0 north, 90 east @param alt degrees */
  slewToAltAz({ az, alt }: { az: number; alt: number }, options?: AskOptions): Promise<void> {
    return this.put("slewtoaltazasync", { Azimuth: az, Altitude: alt }, options);
  }
  /** Stops a slew where it is. */
  abortSlew(options?: AskOptions): Promise<void> {
    return this.put("abortslew", {}, options);
  }
  park(options?: AskOptions): Promise<void> {
    return this.put("park", {}, options);
  }
  unpark(options?: AskOptions): Promise<void> {
    return this.put("unpark", {}, options);
  }
}
