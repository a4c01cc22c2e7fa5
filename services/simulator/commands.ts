// What a simulated telescope can be asked and told, by the names of ASCOM Alpaca, and how it answers: as the NATS bridge does.
import { SHUTTER_STATES } from "ocabox-tcs/observatory";
import { z } from "zod";
import { OrderRefused } from "./refusal.ts";
import type { SimulatedTelescope } from "./telescope.ts";

type Value = boolean | number | string;
type Answer =
  | { status: "ok"; result: Value | null }
  | { status: "error"; error: string; message: string; code?: number };

/** Of the bridge: what a request says. Fields that are not there have their defaults, others are not looked at. */
const Request = z.object({
  parameters: z.record(z.string(), z.unknown()).nullish(),
  method: z.string().nullish(),
});

/** Numbers that OCABox gives to errors. */
const CODES = { unknown: 1002, refused: 2002, notImplemented: 3002, wrongArgument: 4007 } as const;

const READ: Record<string, Record<string, (telescope: SimulatedTelescope) => Value>> = {
  mount: {
    azimuth: ({ mount }) => mount.az,
    altitude: ({ mount }) => mount.alt,
    rightascension: ({ mount }) => mount.ra / 15,
    declination: ({ mount }) => mount.dec,
    siderealtime: ({ lst }) => lst / 15,
    slewing: ({ mount }) => mount.isSlewing,
    tracking: ({ mount }) => mount.isTracking,
    atpark: ({ mount }) => mount.isParked,
    utcdate: ({ timeMs }) => new Date(timeMs).toISOString(),
  },
  dome: {
    azimuth: ({ dome }) => dome.az,
    slewing: ({ dome }) => dome.isSlewing,
    atpark: ({ dome }) => dome.isParked,
    shutterstatus: ({ dome }) => SHUTTER_STATES.indexOf(dome.shutter),
  },
};

/** An order, with the schema of its parameters. */
function order<S extends z.ZodType>(schema: S, act: (telescope: SimulatedTelescope, given: z.output<S>) => void) {
  return (telescope: SimulatedTelescope, given: unknown) => act(telescope, schema.parse(given));
}
const NOTHING = z.object({});
const AltAz = z.object({ Azimuth: z.number(), Altitude: z.number() });
const RaDec = z.object({ RightAscension: z.number(), Declination: z.number() });

const DO: Record<string, Record<string, ReturnType<typeof order>>> = {
  mount: {
    slewtocoordinatesasync: order(RaDec, ({ mount }, to) => mount.slewToSky(to.RightAscension * 15, to.Declination)),
    slewtoaltazasync: order(AltAz, ({ mount }, to) => mount.slewToDirection(to.Azimuth, to.Altitude)),
    tracking: order(z.object({ Tracking: z.boolean() }), ({ mount }, { Tracking }) => mount.track(Tracking)),
    abortslew: order(NOTHING, ({ mount }) => mount.abort()),
    park: order(NOTHING, ({ mount }) => mount.park()),
    unpark: order(NOTHING, ({ mount }) => mount.unpark()),
  },
  dome: {
    slewtoazimuth: order(z.object({ Azimuth: z.number() }), ({ dome }, { Azimuth }) => dome.slewTo(Azimuth)),
    abortslew: order(NOTHING, ({ dome }) => dome.abort()),
    park: order(NOTHING, ({ dome }) => dome.park()),
    openshutter: order(NOTHING, ({ dome }) => dome.openShutter()),
    closeshutter: order(NOTHING, ({ dome }) => dome.closeShutter()),
  },
};

/** How far one request may put the time forward, seconds. */
const Advance = z.object({ Seconds: z.number().positive().max(3600) });

/** The answer to `simulator.advance`: `putForward` is given the seconds, and says what time it is then. */
export function advance(data: unknown, putForward: (seconds: number) => string): Answer {
  const given = Advance.safeParse(Request.safeParse(data).data?.parameters);
  if (!given.success) return failed(CODES.wrongArgument, z.prettifyError(given.error));
  return { status: "ok", result: putForward(given.data.Seconds) };
}

/** What is published as status, and as telemetry, by component. */
export const PUBLISHED = {
  status: { mount: ["slewing", "tracking", "atpark"], dome: ["slewing", "atpark", "shutterstatus"] },
  telemetry: { mount: ["azimuth", "altitude", "rightascension", "declination"], dome: ["azimuth"] },
} as const;

/** A value that is published; undefined when there is none of the name. */
export function readingOf(telescope: SimulatedTelescope, component: string, property: string): Value | undefined {
  return own(own(READ, component), property)?.(telescope);
}

/**
 * Does what a request says.
 * @param data of the message
 * @param otherwise the method of a request that names none
 */
export function answer(
  telescope: SimulatedTelescope,
  [component, command]: readonly [component: string, command: string],
  data: unknown,
  otherwise: "GET" | "PUT",
): Answer {
  const request = Request.safeParse(data);
  if (!request.success) return { status: "error", error: "invalid_request", message: z.prettifyError(request.error) };
  const method = (request.data.method || otherwise).toUpperCase();
  if (method !== "GET" && method !== "PUT") {
    return { status: "error", error: "invalid_request", message: `unsupported method '${method}'` };
  }
  if (!own(READ, component)) return failed(CODES.unknown, `there is no component ${component}`);
  if (method === "GET") {
    const result = readingOf(telescope, component, command);
    return result === undefined ? lacking(component, command, method) : { status: "ok", result };
  }
  const act = own(own(DO, component), command);
  if (!act) return lacking(component, command, method);
  try {
    act(telescope, request.data.parameters ?? {});
    return { status: "ok", result: null };
  } catch (error) {
    if (error instanceof OrderRefused) return failed(CODES.refused, error.message);
    if (error instanceof z.ZodError) return failed(CODES.wrongArgument, z.prettifyError(error));
    throw error;
  }
}

/** Names come from the wire: what objects have of themselves is not meant. */
function own<T>(table: Record<string, T> | undefined, name: string): T | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

function lacking(component: string, command: string, method: string): Answer {
  return failed(CODES.notImplemented, `${component} has no ${command} for ${method}`);
}

function failed(code: number, message: string): Answer {
  return { status: "error", error: "server_error", message, code };
}
