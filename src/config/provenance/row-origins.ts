// What a row was made from: kept beside the rows, so that rows stay plain data, and only looked into when somebody asks why.
import type { Env } from "../expand.ts";
import type { FleetFile, RowBlock } from "../fleet-file.ts";
import type { Overrides } from "../overrides.ts";
import type { RowHead } from "../row-head.ts";
import type { Home, ServiceRow, SourcePosition } from "../types.ts";

/** What `buildRow` had. */
export interface RowOrigins {
  head: RowHead;
  block: RowBlock;
  file: FleetFile;
  overrides: Overrides;
  env: Env;
  /** Where the variables of `env` stand that come from a `.env` file. */
  dotenv?: ReadonlyMap<string, SourcePosition>;
  /** The home that the command line forces on every row. */
  forcedHome?: Home;
}

/** What an option without a name of a service changed in a row afterwards. */
export interface FlagValue {
  key: string;
  value: unknown;
  /** As `--standby`. */
  flag: string;
}

const origins = new WeakMap<ServiceRow, RowOrigins>();
const flags = new WeakMap<ServiceRow, FlagValue[]>();

export function keepRowOrigins(row: ServiceRow, from: RowOrigins): void {
  origins.set(row, from);
}

/** Undefined for a copy of a row: it must be the very object that loading returned. */
export function originsOf(row: ServiceRow): RowOrigins | undefined {
  return origins.get(row);
}

/** Remembers that an option changed `row` after it was made. */
export function noteFlag(row: ServiceRow, value: FlagValue): void {
  flags.set(row, [value, ...(flags.get(row) ?? [])]);
}

/** The strongest first. */
export function flagsOf(row: ServiceRow): readonly FlagValue[] {
  return flags.get(row) ?? [];
}
