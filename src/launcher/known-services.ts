// The services that can be told of a folder, and the forms of their configurations: those inside tcs, those that a configuration
// names, and the files beside it.
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { describeError } from "../common/errors.ts";
import type { Env } from "../config/expand.ts";
import type { KnownService } from "../config/file-schema/file-schema.ts";
import { ConfigError, FleetSource, loadServiceRow } from "../config/index.ts";
import type { JsonSchema } from "../config/json-schema.ts";
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import { serviceFilesBeside } from "./catalogue/service-files.ts";
import { describeServices } from "./fleet-check.ts";
import type { StartHost } from "./homes/home.ts";

export interface KnownServicesOptions {
  /** A configuration file, which need not be there; its folder is looked into. */
  file: string;
  env: Env;
  builtinTypes: ReadonlySet<string>;
  startWorker: StartHost;
  /** How long a file may take to load, milliseconds. */
  silenceMs?: number;
}

export interface KnownServices {
  services: KnownService[];
  /** Services of which nothing is known, one line each. */
  notes: string[];
}

/** Never throws for what the files say: what cannot be known is noted. */
export async function findServices(options: KnownServicesOptions): Promise<KnownServices> {
  const { file, builtinTypes, startWorker, silenceMs } = options;
  const rows = new Map<string, ServiceRow>();
  const notes: string[] = [];
  const add = (row: ServiceRow) => {
    // Ids are of no matter here, but that there is only one of each.
    if (!rows.has(row.type) && row.home !== "exec") rows.set(row.type, { ...row, id: `known-${rows.size}.main` });
  };
  for (const row of existsSync(file) ? await readableRows(options) : []) add(row);
  const beside = serviceFilesBeside(dirname(resolve(file))).map((path) => relative(process.cwd(), path));
  for (const service of [...beside, ...builtinTypes]) {
    try {
      for (const row of (await loadServiceRow({ service, env: options.env, builtinTypes })).services) add(row);
    } catch (error) {
      notes.push(`${service}: ${describeError(error)}`);
    }
  }
  const fleet: FleetConfig = {
    subjectPrefix: "svc",
    launcher: { home: "worker", terminateDelayMs: 0 },
    services: [...rows.values()],
  };
  const asked = { env: options.env, ...(silenceMs === undefined ? {} : { silenceMs }) };
  const results = await describeServices(fleet, fleet.services, startWorker, asked);
  const services = fleet.services.map(({ id, type }): KnownService => {
    const { config, schema, warning, refused } = results.find((result) => result.id === id) ?? {};
    const why = warning ?? refused;
    if (!config && why !== undefined) notes.push(`${type}: ${why}`);
    return { type, schema: schema && asJson(schema) };
  });
  return { services, notes };
}

async function readableRows({ file, env, builtinTypes }: KnownServicesOptions): Promise<readonly ServiceRow[]> {
  try {
    return (await new FleetSource({ file, env, builtinTypes }).read()).fleet.services;
  } catch (error) {
    // Somebody is in the middle of writing it: tcs config check tells what is wrong.
    if (error instanceof ConfigError) return error.readable?.services ?? [];
    throw error;
  }
}

/** A schema that came from another thread is plain data. */
function asJson(schema: JsonSchema): NonNullable<KnownService["schema"]> {
  return schema as NonNullable<KnownService["schema"]>;
}
