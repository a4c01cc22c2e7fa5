// One service run by hand: its row of a configuration file, or a bare one.
import { basename, resolve } from "node:path";
import { NotFoundError } from "../common/errors.ts";
import { dottedFault, serviceId, variantFault } from "../common/names.ts";
import { buildRow, type RowContext } from "./build-row.ts";
import { Checker } from "./checker.ts";
import { configFolder } from "./config-files.ts";
import { mergeEnv, readDotenv } from "./dotenv.ts";
import { ConfigError, type ConfigIssue } from "./errors.ts";
import type { Env } from "./expand.ts";
import type { FleetFile, RowBlock } from "./fleet-file.ts";
import { DEFAULT_TERMINATE_DELAY_MS } from "./load-fleet.ts";
import { diskModules, type ModuleFiles } from "./module-files.ts";
import { ModuleResolver, namesFile, typeOfModule } from "./modules.ts";
import { decideNats, type NatsFlags } from "./nats.ts";
import { openFleetFiles } from "./open-files.ts";
import { Overrides } from "./overrides.ts";
import { type RowHead, readHead, resolveModule } from "./row-head.ts";
import { type MapNode, plainSource } from "./source-tree.ts";
import type { FleetConfig, ModuleRef } from "./types.ts";

export interface ServiceRowOptions {
  /** The service's file as the user named it, or a service type (built in, or found from the configuration). */
  service: string;
  configFile?: string;
  /** Which of the type's rows; by default its only one, or the one named `main`. */
  variant?: string;
  env: Env;
  /** `key=value`, or `service.key=value`, each. */
  sets?: readonly string[];
  builtinTypes: ReadonlySet<string>;
  flags?: NatsFlags;
}

/** A row as found in the file, with the list it stands in. */
interface Candidate {
  head: RowHead;
  block: RowBlock;
}

/**
 * A fleet of one service, at home in this very process. Rows of other services are not judged.
 * @throws ConfigError with all issues; NotFoundError when the file has no such row
 */
export async function loadServiceRow(options: ServiceRowOptions): Promise<FleetConfig> {
  const { configFile, service } = options;
  const files = diskModules();
  const isFile = namesFile(service) || files.isFile(resolve(service));
  const besides = configFile ?? (isFile ? service : undefined);
  const folder = besides === undefined ? process.cwd() : configFolder(besides);
  const dotenv = readDotenv(folder, options.env);
  const env = mergeEnv(dotenv.values, options.env);
  const { checker, file } =
    configFile === undefined ? withoutFile(env, dotenv.issues) : await openFleetFiles([configFile], env, dotenv.issues);
  const modules = new ModuleResolver(folder, options.builtinTypes, file.registry, files);
  const module = isFile ? serviceFile(service, files) : undefined;
  const type = isFile ? typeOfModule(resolve(service)) : service;
  const { head, block } =
    configFile === undefined
      ? bareRow(checker, type, options.variant ?? "main")
      : chooseRow(findRows(checker, file, modules, type, module), type, options.variant, configFile);
  const overrides = new Overrides(
    (options.sets ?? []).map((set) => withOwner(set, head)),
    [head],
  );
  const context: RowContext = { checker, file, modules, overrides, env, forcedHome: "inline" };
  const row = buildRow(context, head, block, module);
  if (row && configFile === undefined) delete row.position;
  checker.issues.push(...overrides.issues);
  const { nats, subjectPrefix, issues } = decideNats({
    ...(options.flags && { flags: options.flags }),
    ...(file.nats && { file: file.nats }),
    env,
  });
  checker.issues.push(...issues);
  if (checker.issues.length > 0 || !row) throw new ConfigError(checker.issues);
  const terminateDelayMs = block.terminateDelayMs ?? file.terminateDelayMs ?? DEFAULT_TERMINATE_DELAY_MS;
  return {
    ...(configFile !== undefined && { file: resolve(configFile) }),
    ...(nats && { nats }),
    subjectPrefix,
    launcher: { home: "inline", terminateDelayMs },
    ...(file.logs && { logs: file.logs }),
    ...(checker.secrets.size > 0 && { secrets: [...checker.secrets] }),
    services: [row],
  };
}

/** Only one service is meant: its name may be left out of `--set`. */
function withOwner(set: string, { id, type }: RowHead): string {
  return set.startsWith(`${id}.`) || set.startsWith(`${type}.`) || !set.includes("=") ? set : `${id}.${set}`;
}

function withoutFile(env: Env, earlier: ConfigIssue[]): { checker: Checker; file: FleetFile } {
  const checker = new Checker(env);
  checker.issues.push(...earlier);
  return { checker, file: { root: emptyMap(), registry: new Map(), defaults: {}, blocks: [] } };
}

function bareRow(checker: Checker, type: string, variant: string): Candidate {
  const node = emptyMap();
  const wrong = dottedFault(type) ?? variantFault(variant);
  if (wrong) checker.report(node, "", JSON.stringify(serviceId(type, variant)), `a legal service name (${wrong})`);
  const head = { id: serviceId(type, variant), type, variant, key: "", node, typeNode: node };
  return { head, block: { key: "services", rows: [] } };
}

function serviceFile(servicePath: string, files: ModuleFiles): ModuleRef {
  const path = resolve(servicePath);
  const fault = files.isFile(path) ? files.syntaxFault(path) : "no such file";
  if (fault === undefined) return { kind: "file", path };
  const sentence = fault === "no such file" ? fault : `does not parse (${fault})`;
  // Without it there is nothing else to be judged.
  throw new ConfigError([{ file: servicePath, line: 0, column: 0, key: "", sentence }]);
}

/** The rows that run this file, or else those of this type. */
function findRows(
  checker: Checker,
  file: FleetFile,
  modules: ModuleResolver,
  type: string,
  module: ModuleRef | undefined,
): Candidate[] {
  // Rows of other services are read for their names only: what is wrong with them is told when they are run.
  const quiet = checker.fork();
  const all = file.blocks.flatMap((block) =>
    block.rows.flatMap((node, i) => {
      const head = readHead(quiet, node, `${block.key}[${i}]`, modules);
      return head ? [{ head, block }] : [];
    }),
  );
  const ofFile = all.filter(({ head }) => {
    if (module?.kind !== "file") return false;
    const found = resolveModule(head, modules);
    return found.ok && found.module.kind === "file" && found.module.path === module.path;
  });
  return ofFile.length > 0 ? ofFile : all.filter(({ head }) => head.type === type);
}

function chooseRow(rows: Candidate[], type: string, variant: string | undefined, configFile: string): Candidate {
  const [only] = rows;
  const name = basename(configFile);
  if (!only) {
    throw new NotFoundError(`${name} has no service of type ${type}`, {
      hint: `add a row \`- type: ${type}\`, or leave the file out to run it with its defaults`,
    });
  }
  const chosen =
    variant === undefined && rows.length === 1 ? only : rows.find(({ head }) => head.variant === (variant ?? "main"));
  if (chosen) return chosen;
  const variants = rows.map(({ head }) => head.variant).join(", ");
  throw new NotFoundError(
    variant === undefined
      ? `${name} has several variants of ${type}: ${variants}`
      : `${name} has no variant ${variant} of ${type}: there is ${variants}`,
    { hint: "name one of them after the file" },
  );
}

function emptyMap(): MapNode {
  return { kind: "map", entries: new Map(), source: plainSource("command line"), offset: 0 };
}
