// Where each value of a service's configuration comes from: its row, its file's schema, and who is stronger than whom.
import { NotFoundError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import type { Env } from "../config/expand.ts";
import { parsePath } from "../config/field-path.ts";
import { formatIssue, toConfigIssues, toRefusal } from "../config/index.ts";
import { explainBroker } from "../config/provenance/explain-broker.ts";
import { explainFields } from "../config/provenance/explain-fields.ts";
import { explainProgram, explainSettings } from "../config/provenance/explain-settings.ts";
import { maskValue } from "../config/provenance/mask-values.ts";
import { originsOf } from "../config/provenance/row-origins.ts";
import type { ExplainedValue } from "../config/provenance/value-source.ts";
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import { SecretMask } from "../logs/secrets.ts";
import { describeServices } from "./fleet-check.ts";
import type { StartHost } from "./homes/home.ts";

export interface Explanation {
  serviceId: string;
  /** Fields, then settings, then the broker. No secret is in them. */
  values: ExplainedValue[];
  /** What is wrong with the service, or cannot be told of it, one line each. */
  notes: string[];
}

export interface ExplainOptions {
  fleet: FleetConfig;
  /** The environment that the services have, or would have. */
  env: Env;
  startWorker: StartHost;
}

/**
 * Explains the configuration of the service `id`.
 * @param key only this value and what is inside of it: `limits`, `restart_sec`, `nats.servers`
 * @throws NotFoundError for an id or a key that is not there, with the nearest that is
 */
export async function explainService(
  id: string,
  key: string | undefined,
  options: ExplainOptions,
): Promise<Explanation> {
  const row = findRow(id, options.fleet);
  const origins = originsOf(row);
  if (!origins) throw new Error(`the row of ${row.id} is a copy`);
  const mask = new SecretMask();
  mask.addEnv(options.env);
  mask.addFleet(options.fleet);
  const onSecrets = (values: readonly string[]) => mask.add(values);
  const [result] = await describeServices(options.fleet, [row], options.startWorker, { env: options.env, onSecrets });
  const all = [
    ...explainFields(row, origins, result?.config && { ...result.config, schema: result.schema }),
    ...explainSettings(row, origins),
    ...explainProgram(row, origins),
    ...explainBroker(options.fleet, origins),
  ];
  const masks = { schema: result?.schema, text: (text: string) => mask.mask(text) };
  const values = all.map((value) => maskValue(value, masks));
  const issues = [
    ...toConfigIssues(row, result?.issues ?? []),
    ...(result?.refused ? [toRefusal(row, result.refused)] : []),
  ];
  const unknown = result?.warning ? [`its schema is not known, and no defaults: ${result.warning}`] : [];
  const notes = [...issues.map(formatIssue), ...unknown].map((note) => mask.mask(note));
  return { serviceId: row.id, values: key === undefined ? values : valuesAt(key, row, values), notes };
}

function findRow(id: string, { services }: FleetConfig): ServiceRow {
  const row = services.find((one) => one.id === id);
  if (row) return row;
  const ofType = services.filter(({ type }) => type === id);
  if (ofType.length === 1 && ofType[0]) return ofType[0];
  const ids = services.map((one) => one.id);
  if (ofType.length > 1) {
    throw new NotFoundError(`there are several services of type ${id}`, {
      hint: `name one of ${ofType.map((one) => one.id).join(", ")}`,
    });
  }
  const near = nearest(id, [...ids, ...services.map(({ type }) => type)]);
  throw new NotFoundError(`no service "${id}"`, {
    hint: near === undefined ? `there are ${ids.slice(0, MOST_IDS).join(", ")}` : `did you mean ${near}?`,
  });
}

/** As many ids fit into a hint. */
const MOST_IDS = 8;

function valuesAt(key: string, { id }: ServiceRow, values: readonly ExplainedValue[]): ExplainedValue[] {
  const path = parsePath(key);
  const found = values.filter((value) => path.every((part, i) => String(parsePath(value.key)[i]) === String(part)));
  if (found.length > 0) return found;
  const names = values.flatMap((value) => [value.key, String(parsePath(value.key)[0])]);
  const near = nearest(key, names);
  throw new NotFoundError(`${id} has no value "${key}"`, {
    hint: near === undefined ? `"tcs config explain ${id}" shows all that there are` : `did you mean ${near}?`,
  });
}
