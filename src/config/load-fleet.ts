// Reads a configuration file into the fleet to run, or says everything that is wrong with it.
import { dirname, join, resolve } from "node:path";
import { buildRow, DEFAULT_HOME, type RowContext } from "./build-row.ts";
import type { Checker } from "./checker.ts";
import { chooseRows, partOf } from "./chosen-rows.ts";
import { configFolder, isFolder } from "./config-files.ts";
import { type DotenvResult, mergeEnv, readDotenv } from "./dotenv.ts";
import { ConfigError, type ConfigIssue } from "./errors.ts";
import type { Env } from "./expand.ts";
import { chooseLauncher, type FleetFile, type LauncherChoice, type RowBlock } from "./fleet-file.ts";
import { diskModules, type ModuleFiles } from "./module-files.ts";
import { ModuleResolver } from "./modules.ts";
import { decideNats, type NatsFlags } from "./nats.ts";
import { openFleetFiles, reportNoServices } from "./open-files.ts";
import { type ConfigOverlay, overlaid } from "./overlay.ts";
import { Overrides } from "./overrides.ts";
import { type RowHead, readHead } from "./row-head.ts";
import { checkOrder } from "./row-order.ts";
import { checkSiblings } from "./siblings.ts";
import { type MapNode, TextSource } from "./source-tree.ts";
import type { FleetConfig, LauncherSettings, ServiceRow, SourcePosition } from "./types.ts";

/** How long a service may take to stop, milliseconds, where nothing is said. */
export const DEFAULT_TERMINATE_DELAY_MS = 10_000;

export interface FleetOptions {
  /** The configuration file, or a folder of them, as the user named it: messages name it so. */
  file: string;
  /** Further files and folders, which add to it. */
  more?: readonly string[];
  /** The process's environment; the `.env` file beside the configuration is added to it. */
  env: Env;
  /** `--set service.key=value`, each. */
  sets?: readonly string[];
  /** A home (inline, worker, process, asyncio) for every service, or the name of a launcher in the file. */
  launcher?: string;
  /** Service types inside this program. */
  builtinTypes: ReadonlySet<string>;
  /** Ids of the only services to load; the other rows are not looked at. Default: all. */
  only?: readonly string[];
  flags?: NatsFlags;
  /** What NATS says of the services. */
  overlay?: ConfigOverlay;
}

export interface FleetTextOptions extends FleetOptions {
  text: string;
  /** The file system, for modules. */
  modules: ModuleFiles;
}

/**
 * Loads a configuration file.
 * @throws ConfigError with all issues
 */
export async function loadFleet(options: FleetOptions): Promise<FleetConfig> {
  const dotenv = readDotenv(configFolder(options.file), options.env);
  const env = mergeEnv(dotenv.values, options.env);
  const places = dotenvPlaces(dotenv, options.file, options.env);
  return await loadFrom(options.file, { ...options, env }, diskModules(), dotenv.issues, places);
}

/**
 * The same with the text of the (first) file given: text in, fleet out.
 * @throws ConfigError with all issues
 */
export async function loadFleetText(options: FleetTextOptions): Promise<FleetConfig> {
  return await loadFrom(new TextSource(options.file, options.text), options, options.modules, []);
}

async function loadFrom(
  first: string | TextSource,
  options: FleetOptions,
  moduleFiles: ModuleFiles,
  earlier: ConfigIssue[],
  dotenv: ReadonlyMap<string, SourcePosition> = new Map(),
): Promise<FleetConfig> {
  const path = resolve(options.file);
  const opened = await openFleetFiles([first, ...(options.more ?? [])], options.env, earlier);
  const { checker, file } = opened;
  const choice = chooseLauncher(checker, file, options.launcher);
  const modules = new ModuleResolver(configFolder(path), options.builtinTypes, file.registry, moduleFiles);
  const allRows = readHeads(checker, choice.blocks, file.root, modules);
  const rows = chooseRows(checker, allRows, options.only).map(({ head, block }) => ({
    head: options.overlay ? overlaid(checker, head, options.overlay) : head,
    block,
  }));
  const overrides = new Overrides(
    options.sets ?? [],
    allRows.map(({ head }) => head),
  );
  const context: RowContext = {
    checker,
    file,
    modules,
    overrides,
    env: options.env,
    dotenv,
    configFile: path,
    knownIds: idsOf(checker, choice, file, allRows, modules),
    ...(choice.forcedHome && { forcedHome: choice.forcedHome }),
  };
  const services = rows.flatMap(({ head, block }) => buildRow(context, head, block) ?? []);
  checkGroups(checker, services);
  checkSiblings(
    checker,
    rows.map(({ head }) => head),
    services,
  );
  const after = new Map(services.map((row) => [row.id, row.after]));
  checkOrder(
    checker,
    rows.map(({ head }) => ({ head, after: after.get(head.id) ?? [] })),
  );
  checker.issues.push(...overrides.issues);
  const { nats, subjectPrefix, issues } = decideNats({
    ...(options.flags && { flags: options.flags }),
    ...(file.nats && { file: file.nats }),
    env: options.env,
  });
  checker.issues.push(...issues);
  const fleet: FleetConfig = {
    file: path,
    files: opened.files,
    ...(opened.folders.length > 0 && { folders: opened.folders }),
    ...(nats && { nats }),
    subjectPrefix,
    ...(file.nats?.configSubject !== undefined && { configSubject: file.nats.configSubject }),
    launcher: { ...launcherSettings(context, choice.blocks, choice.name), ...partOf(choice, options.only) },
    ...(file.logs && { logs: file.logs }),
    ...(file.metrics && { metrics: file.metrics }),
    ...(checker.secrets.size > 0 && { secrets: [...checker.secrets] }),
    ...(file.systemd && { systemd: file.systemd }),
    services,
  };
  if (checker.issues.length === 0) return fleet;
  const heads = rows.map(({ head }) => head);
  const readable = { ...fleet, services: readableRows(services, heads, checker.issues) };
  // Without all of the environment no row is known whole.
  throw new ConfigError(checker.issues, earlier.length === 0 ? { readable } : {});
}

/** Where the variables stand that `.env` gives; what the process has itself wins over it. */
function dotenvPlaces({ lines }: DotenvResult, configFile: string, env: Env): ReadonlyMap<string, SourcePosition> {
  const file = join(isFolder(configFile) ? configFile : dirname(configFile), ".env");
  const own = Object.entries(lines).filter(([name]) => env[name] === undefined);
  return new Map(own.map(([name, line]) => [name, { file, line, column: 1 }]));
}

/** Rows of which nothing is wrong in what their schemas are to judge; each id once. */
function readableRows(
  services: readonly ServiceRow[],
  heads: readonly RowHead[],
  issues: readonly ConfigIssue[],
): ServiceRow[] {
  const wrong = new Set(issues.map(({ file, key }) => `${file} ${key.replace(/^([^\]]*\]\.[^.[]+).*/, "$1")}`));
  const keys = new Map(heads.toReversed().map(({ id, key, node }) => [id, `${node.source.name} ${key}`]));
  const firstOfEach = new Map(services.toReversed().map((row) => [row.id, row]));
  return [...firstOfEach.values()].filter(
    ({ id, fields }) => !Object.keys(fields).some((field) => wrong.has(`${keys.get(id)}.${field}`)),
  );
}

/** The ids of all services in the file, also of launchers that were not chosen (whose rows are not judged). */
function idsOf(
  checker: Checker,
  choice: LauncherChoice,
  file: FleetFile,
  chosen: readonly { head: RowHead }[],
  modules: ModuleResolver,
): ReadonlySet<string> {
  const all = choice.blocks === file.blocks ? chosen : readHeads(checker.fork(), file.blocks, file.root, modules);
  return new Set(all.map(({ head }) => head.id));
}

/** Who all rows are; each once. */
function readHeads(checker: Checker, blocks: readonly RowBlock[], root: MapNode, modules: ModuleResolver) {
  const heads: { head: RowHead; block: RowBlock }[] = [];
  const places = new Map<string, SourcePosition>();
  for (const block of blocks) {
    block.rows.forEach((node, i) => {
      const head = readHead(checker, node, `${block.key}[${i}]`, modules);
      if (!head) return;
      heads.push({ head, block });
      const earlier = places.get(head.id);
      const here = node.source.position(node.offset);
      if (earlier === undefined) {
        places.set(head.id, here);
        return;
      }
      const there = earlier.file === here.file ? `on line ${earlier.line}` : `in ${earlier.file}:${earlier.line}`;
      const expected = `each service once; it stands ${there} already`;
      checker.report(node, head.key, `${head.id} a second time`, expected, "give it another variant");
    });
  }
  const rows = blocks.reduce((count, block) => count + block.rows.length, 0);
  // A list that is not one, or a launcher that is not there, has been reported.
  const told = checker.issues.some(({ key }) => /services$|^launchers|^--launcher/.test(key));
  if (rows === 0 && !told) reportNoServices(checker, root, "no services");
  return heads;
}

/** Services of one group share one host, so they must have one home. */
function checkGroups(checker: Checker, services: readonly ServiceRow[]): void {
  const homes = new Map<string, ServiceRow>();
  for (const row of services) {
    if (row.group === undefined) continue;
    const first = homes.get(row.group) ?? row;
    homes.set(row.group, first);
    if (first.home === row.home || !row.position) continue;
    const given = `${row.home} for ${row.id} in group ${row.group}`;
    checker.issues.push({
      ...row.position,
      key: row.id,
      given,
      expected: `${first.home}, as for ${first.id}: a group is one host`,
    });
  }
}

function launcherSettings(
  { file, forcedHome }: RowContext,
  blocks: readonly RowBlock[],
  name?: string,
): LauncherSettings {
  const delays = blocks
    .filter(({ rows }) => rows.length > 0)
    .map(({ terminateDelayMs }) => terminateDelayMs ?? file.terminateDelayMs ?? DEFAULT_TERMINATE_DELAY_MS);
  return {
    ...(name !== undefined && { name }),
    home: forcedHome ?? (name === undefined ? undefined : blocks[0]?.home) ?? file.defaults.home ?? DEFAULT_HOME,
    // Several launchers run as one: the most patient of them decides.
    terminateDelayMs: Math.max(...delays),
    ...(file.leaseMs !== undefined && { leaseMs: file.leaseMs }),
  };
}
