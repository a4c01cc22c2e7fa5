// For tests of the simulated telescope's model: one at the site of the defaults, unparked when asked for.
import { SimulatedTelescope, type TelescopeSettings } from "../../../services/simulator/telescope.ts";

export const START_MS = Date.UTC(2026, 10, 21);

const SETTINGS: TelescopeSettings = {
  longitude: -70.196,
  mount: { latitude: -24.598, slewRate: 3, minAltitude: 15, park: { az: 180, alt: 45 } },
  dome: { speed: 3, parkAzimuth: 0, shutterTime: 30 },
};

export interface Given {
  mount?: Partial<TelescopeSettings["mount"]>;
  dome?: Partial<TelescopeSettings["dome"]>;
}

export function telescope({ mount, dome }: Given = {}): SimulatedTelescope {
  return new SimulatedTelescope(
    { ...SETTINGS, mount: { ...SETTINGS.mount, ...mount }, dome: { ...SETTINGS.dome, ...dome } },
    START_MS,
  );
}

export function unparked(given?: Given): SimulatedTelescope {
  const made = telescope(given);
  made.mount.unpark();
  return made;
}

/** Lets `seconds` go by. */
export function wait(of: SimulatedTelescope, seconds: number): void {
  of.advanceTo(of.timeMs + seconds * 1000);
}

/** A copy to compare: `toMatchObject` writes into what it is given when it is asked for numbers that are close. */
export const seen = {
  mount: ({ mount: { az, alt, ra, dec, isSlewing, isTracking, isParked } }: SimulatedTelescope) => ({
    az,
    alt,
    ra,
    dec,
    isSlewing,
    isTracking,
    isParked,
  }),
  dome: ({ dome: { az, isSlewing, isParked } }: SimulatedTelescope) => ({ az, isSlewing, isParked }),
};
