// From a row of the file to a service to run: settings merged, module found, fields read.
import { parseLogLevel } from "../common/logger.ts";
import type { Checker } from "./checker.ts";
import { environmentName } from "./environment-name.ts";
import type { Env } from "./expand.ts";
import type { FleetFile, RowBlock } from "./fleet-file.ts";
import type { ModuleResolver } from "./modules.ts";
import type { Overrides } from "./overrides.ts";
import { keepRowOrigins } from "./provenance/row-origins.ts";
import { type RowHead, readModule } from "./row-head.ts";
import { readAfter } from "./row-order.ts";
import { isProgramRow, readProgram } from "./row-program.ts";
import { readFields, readSettings } from "./row-settings.ts";
import { keepRowSource } from "./row-source.ts";
import { sourceFile } from "./source-tree.ts";
import type { Home, ModuleRef, ServiceRow, SourcePosition } from "./types.ts";

export const DEFAULT_HOME: Home = "worker";

/** What all rows of one loading share. */
export interface RowContext {
  checker: Checker;
  file: FleetFile;
  modules: ModuleResolver;
  overrides: Overrides;
  env: Env;
  /** Where the variables of `env` stand that come from a `.env` file. */
  dotenv?: ReadonlyMap<string, SourcePosition>;
  /** Absolute path of the configuration file; absent for a service run by hand. */
  configFile?: string;
  /** Ids of all rows of the file, for `after`; absent for a service run by hand, which waits for nobody. */
  knownIds?: ReadonlySet<string>;
  /** The home that the command line forces on every row. */
  forcedHome?: Home;
}

/** Builds one row; undefined when its module cannot be found. @param module used instead of the row's own */
export function buildRow(
  context: RowContext,
  head: RowHead,
  block: RowBlock,
  module?: ModuleRef,
): ServiceRow | undefined {
  const { checker, file } = context;
  const { id, type, variant, key, node } = head;
  const overrides = context.overrides.forRow(head);
  const set = readSettings(checker, (name) => overrides.settings.get(name), "");
  const own = readSettings(checker, (name) => node.entries.get(name)?.value, key);
  const defaults = block.defaults ?? file.defaults;
  const isProgram = isProgramRow(head);
  // A launcher's type is nearer to its rows than the file's defaults are.
  const home = isProgram
    ? "exec"
    : (context.forcedHome ?? set.home ?? own.home ?? block.home ?? defaults.home ?? DEFAULT_HOME);
  // A group given for all rows means those that can have one.
  const group = isProgram || home === "systemd" ? undefined : (set.group ?? own.group ?? defaults.group);
  const runnerId = set.runnerId ?? own.runnerId;
  const logLevel = set.logLevel ?? own.logLevel ?? defaults.logLevel ?? file.logLevel;
  const after = context.knownIds ? readAfter(checker, head, context.knownIds) : [];
  const schedule = set.schedule ?? own.schedule;
  const configReload = set.configReload ?? own.configReload ?? defaults.configReload;
  const watchdogMs = set.watchdogMs ?? own.watchdogMs ?? defaults.watchdogMs;
  const found = isProgram
    ? readProgram(checker, head, overrides, context.configFile && (sourceFile(node.source) ?? context.configFile))
    : (module ?? readModule(checker, head, context.modules));
  const { fields, texts } = readFields(checker, head);
  if (!found) return undefined;
  const row: ServiceRow = {
    id,
    type,
    variant,
    module: found,
    home,
    ...(group !== undefined && { group }),
    restart: {
      policy: set.policy ?? own.policy ?? defaults.policy ?? "no",
      delayMs: set.delayMs ?? own.delayMs ?? defaults.delayMs ?? 5000,
      max: set.max ?? own.max ?? defaults.max ?? 0,
      windowMs: set.windowMs ?? own.windowMs ?? defaults.windowMs ?? 60_000,
      backoff: set.backoff ?? own.backoff ?? defaults.backoff ?? 1,
      maxDelayMs: set.maxDelayMs ?? own.maxDelayMs ?? defaults.maxDelayMs ?? 300_000,
    },
    ...(schedule && {
      timetable: {
        schedule,
        overlap: set.overlap ?? own.overlap ?? defaults.overlap ?? "skip",
        missed: set.missed ?? own.missed ?? defaults.missed ?? "skip",
      },
    }),
    after,
    ...(watchdogMs !== undefined && { watchdogMs }),
    standby: set.standby ?? own.standby ?? defaults.standby ?? false,
    ...(configReload !== undefined && { configReload }),
    logLevel: logLevel ?? environmentLogLevel(context, type) ?? "info",
    ...(runnerId !== undefined && { runnerId }),
    fields,
    ...(Object.keys(texts).length > 0 && { texts }),
    ...(head.ifKnown && { ifKnown: head.ifKnown }),
    // Those of a program have gone into its environment.
    overrides: isProgram ? {} : overrides.fields,
    position: node.source.position(node.offset),
  };
  keepRowSource(row, node);
  keepRowOrigins(row, { ...context, head, block });
  return row;
}

function environmentLogLevel({ checker, env }: RowContext, type: string) {
  const name = environmentName(type, "log_level");
  const text = env[name];
  if (!text) return undefined;
  const level = parseLogLevel(text);
  if (level) return level;
  const known = checker.issues.some(({ key }) => key === name);
  if (!known) {
    const expected = "one of debug, info, warning, error, critical";
    checker.issues.push({ file: "environment", line: 0, column: 0, key: name, given: JSON.stringify(text), expected });
  }
  return undefined;
}
