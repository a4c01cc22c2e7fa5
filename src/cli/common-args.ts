// Options that several commands share.
import type { ArgsDef } from "citty";

export const brokerArgs = {
  host: { type: "string", description: "Host of the NATS broker", valueHint: "HOST" },
  port: { type: "string", description: "Port of the NATS broker (4222)", valueHint: "PORT" },
  prefix: { type: "string", description: "Subject prefix (svc)", valueHint: "PREFIX" },
} as const satisfies ArgsDef;

export const configArg = {
  config: { type: "string", alias: "c", description: "Configuration file", valueHint: "FILE" },
} as const satisfies ArgsDef;

/** For a command that reads a configuration as `tcs run` would. */
export const asRunArgs = {
  launcher: {
    type: "string",
    description: "As for tcs run: a home, or a name in launchers:",
    valueHint: "HOME|NAME",
  },
  set: { type: "string", description: "As for tcs run (may be repeated)", valueHint: "SERVICE.KEY=VALUE" },
} as const satisfies ArgsDef;

export const verboseArg = {
  verbose: { type: "boolean", description: "Tell more, and where an error comes from" },
} as const satisfies ArgsDef;

/** For a command that looks at a fleet. */
export const fleetArgs = { ...configArg, ...brokerArgs, ...verboseArg } as const satisfies ArgsDef;

export const jsonArg = {
  json: { type: "boolean", description: "As JSON, for programs" },
} as const satisfies ArgsDef;

/** The service that is meant. */
export const serviceArg = {
  id: { type: "positional", required: true, description: "Id of the service, or its type if there is one of it" },
} as const satisfies ArgsDef;
