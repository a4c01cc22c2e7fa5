// Reads a configuration file into the fleet to run, or says everything that is wrong with it.
import { basename, dirname, resolve } from "node:path";
import { nearest } from "../common/nearest.ts";
import { buildRow, DEFAULT_HOME, type RowContext } from "./build-row.ts";
import { Checker, showNode } from "./checker.ts";
import { mergeEnv, readDotenv } from "./dotenv.ts";
import { ConfigError, type ConfigIssue } from "./errors.ts";
import type { Env } from "./expand.ts";
import { chooseLauncher, type FleetFile, type LauncherChoice, type RowBlock, readFleetFile } from "./fleet-file.ts";
import { diskModules, type ModuleFiles, ModuleResolver } from "./modules.ts";
import { decideNats, type NatsFlags } from "./nats.ts";
import { Overrides } from "./overrides.ts";
import { parseYaml, readConfigText } from "./read-source.ts";
import { type RowHead, readHead } from "./row-head.ts";
import { checkOrder } from "./row-order.ts";
import { checkSiblings } from "./siblings.ts";
import { isNull, type MapNode, TextSource } from "./source-tree.ts";
import type { FleetConfig, LauncherSettings, ServiceRow } from "./types.ts";

/** How long a service may take to stop, milliseconds, where nothing is said. */
export const DEFAULT_TERMINATE_DELAY_MS = 10_000;

export interface FleetOptions {
  /** The configuration file, as the user named it: messages name it so. */
  file: string;
  /** The process's environment; the `.env` file beside the configuration is added to it. */
  env: Env;
  /** `--set service.key=value`, each. */
  sets?: readonly string[];
  /** A home (inline, worker, process, asyncio) for every service, or the name of a launcher in the file. */
  launcher?: string;
  /** Service types inside this program. */
  builtinTypes: ReadonlySet<string>;
  flags?: NatsFlags;
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
  const read = readConfigText(options.file);
  if (!read.ok) throw new ConfigError([read.issue]);
  const dotenv = readDotenv(dirname(resolve(options.file)), options.env);
  const env = mergeEnv(dotenv.values, options.env);
  return await loadFrom(read.source, { ...options, env }, diskModules(), dotenv.issues);
}

/**
 * The same without a disk: text in, fleet out.
 * @throws ConfigError with all issues
 */
export async function loadFleetText(options: FleetTextOptions): Promise<FleetConfig> {
  return await loadFrom(new TextSource(options.file, options.text), options, options.modules, []);
}

async function loadFrom(
  source: TextSource,
  options: FleetOptions,
  moduleFiles: ModuleFiles,
  earlier: ConfigIssue[],
): Promise<FleetConfig> {
  const path = resolve(options.file);
  const { checker, file } = await openFleetFile(source, options.env, earlier);
  const choice = chooseLauncher(checker, file, options.launcher);
  const modules = new ModuleResolver(dirname(path), options.builtinTypes, file.registry, moduleFiles);
  const rows = readHeads(checker, choice.blocks, file.root, modules);
  const overrides = new Overrides(
    options.sets ?? [],
    rows.map(({ head }) => head),
  );
  const context: RowContext = {
    checker,
    file,
    modules,
    overrides,
    env: options.env,
    configFile: path,
    knownIds: idsOf(checker, choice, file, rows, modules),
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
    ...(nats && { nats }),
    subjectPrefix,
    launcher: launcherSettings(context, choice.blocks, choice.name),
    ...(file.logs && { logs: file.logs }),
    ...(file.metrics && { metrics: file.metrics }),
    services,
  };
  if (checker.issues.length === 0) return fleet;
  const heads = rows.map(({ head }) => head);
  const readable = { ...fleet, services: readableRows(services, heads, checker.issues) };
  // Without all of the environment no row is known whole.
  throw new ConfigError(checker.issues, earlier.length === 0 ? { readable } : {});
}

/** Rows of which nothing is wrong in what their schemas are to judge; each id once. */
function readableRows(
  services: readonly ServiceRow[],
  heads: readonly RowHead[],
  issues: readonly ConfigIssue[],
): ServiceRow[] {
  const wrong = new Set(issues.map(({ key }) => key.replace(/^([^\]]*\]\.[^.[]+).*/, "$1")));
  const keys = new Map(heads.toReversed().map(({ id, key }) => [id, key]));
  const firstOfEach = new Map(services.toReversed().map((row) => [row.id, row]));
  return [...firstOfEach.values()].filter(
    ({ id, fields }) => !Object.keys(fields).some((field) => wrong.has(`${keys.get(id)}.${field}`)),
  );
}

/**
 * Parses a file and takes it apart.
 * @throws ConfigError when it is not YAML, or not a mapping: then nothing more can be said about it
 */
export async function openFleetFile(
  source: TextSource,
  env: Env,
  earlier: ConfigIssue[],
): Promise<{ checker: Checker; file: FleetFile }> {
  const { root, issues, broken } = await parseYaml(source);
  const checker = new Checker(env);
  checker.issues.push(...earlier, ...issues.map(({ offset: _, ...issue }) => issue));
  if (broken) throw new ConfigError(checker.issues);
  if (!root || isNull(root)) {
    if (issues.length === 0)
      noServices(checker, { kind: "map", entries: new Map(), source, offset: 0 }, "an empty file");
    throw new ConfigError(checker.issues);
  }
  if (root.kind !== "map") {
    checker.report(root, "", showNode(root), "a mapping with services:");
    throw new ConfigError(checker.issues);
  }
  return { checker, file: readFleetFile(checker, root, basename(source.name)) };
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
  const lines = new Map<string, number>();
  for (const block of blocks) {
    block.rows.forEach((node, i) => {
      const head = readHead(checker, node, `${block.key}[${i}]`, modules);
      if (!head) return;
      heads.push({ head, block });
      const earlier = lines.get(head.id);
      if (earlier === undefined) {
        lines.set(head.id, node.source.position(node.offset).line);
        return;
      }
      const expected = `each service once; it stands on line ${earlier} already`;
      checker.report(node, head.key, `${head.id} a second time`, expected, "give it another variant");
    });
  }
  const rows = blocks.reduce((count, block) => count + block.rows.length, 0);
  // A list that is not one, or a launcher that is not there, has been reported.
  const told = checker.issues.some(({ key }) => /services$|^launchers|^--launcher/.test(key));
  if (rows === 0 && !told) noServices(checker, root, "no services");
  return heads;
}

function noServices(checker: Checker, root: MapNode, given: string): void {
  const others = [...root.entries.keys()].filter((key) => !key.startsWith("x-"));
  // A mistyped `services:` has been reported as an unknown key.
  if (!root.entries.has("services") && nearest("services", others) !== undefined) return;
  const offset = root.entries.get("services")?.keyOffset ?? 0;
  checker.report({ source: root.source, offset }, "", given, "services: with at least one, as `- type: hello_world`");
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
  const [block] = blocks;
  const delays = blocks
    .filter(({ rows }) => rows.length > 0)
    .map(({ terminateDelayMs }) => terminateDelayMs ?? file.terminateDelayMs ?? DEFAULT_TERMINATE_DELAY_MS);
  return {
    ...(name !== undefined && { name }),
    home: forcedHome ?? (name === undefined ? undefined : block?.home) ?? file.defaults.home ?? DEFAULT_HOME,
    // Several launchers run as one: the most patient of them decides.
    terminateDelayMs: Math.max(...delays),
    ...(file.leaseMs !== undefined && { leaseMs: file.leaseMs }),
  };
}
