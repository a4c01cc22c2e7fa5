// What tcs export does: reads the configuration, has it written as files, and says which.
import { basename, dirname, resolve } from "node:path";
import { UsageError } from "../common/errors.ts";
import type { FleetConfig } from "../config/types.ts";
import { builtinTypes } from "../entry/modules.ts";
import { WORKER_ENTRY } from "../entry/worker-url.ts";
import {
  APP_FOLDER,
  BROKER_NAME,
  type ExportedFile,
  type ExportOptions,
  type ExportSource,
  isLabel,
  planUnits,
  reachableBroker,
  readForExport,
  type ServiceTraits,
  SHARES,
  type Share,
  writeExport,
} from "../export/index.ts";
import { describeInWorkers } from "../launcher/catalogue/index.ts";
import { workerHome } from "../launcher/index.ts";
import { DEFAULT_CONFIG } from "./default-config.ts";
import { tell } from "./output.ts";

export const TARGETS = ["docker", "compose", "k8s"] as const;
export type Target = (typeof TARGETS)[number];

export function isTarget(text: string): text is Target {
  return TARGETS.some((target) => target === text);
}

/** As the command line has them. */
export interface ExportFlags {
  what: Target;
  config?: string | undefined;
  out?: string | undefined;
  per?: string | undefined;
  name?: string | undefined;
  image?: string | undefined;
  base?: string | undefined;
  broker?: string | undefined;
  files?: string | undefined;
  storage?: string | undefined;
  namespace?: string | undefined;
  force?: boolean | undefined;
  dryRun: boolean;
  jobs: readonly string[];
  secrets: readonly string[];
}

/** @throws UsageError, ConfigError, ExportError, ChangedByHandError: then nothing was written */
export async function exportFleet(flags: ExportFlags): Promise<void> {
  const { name = "tcs", namespace, storage } = flags;
  checkLabel("--name", name);
  if (namespace !== undefined) checkLabel("--namespace", namespace);
  if (storage !== undefined && !/^\d+(?:\.\d+)?(?:[KMGT]i?)?$/.test(storage)) {
    throw new UsageError(`--storage: given "${storage}", expected a size as 1Gi`);
  }
  refuseForeign(flags);
  const share = oneOf("--per", flags.per, SHARES, "fleet");
  const file = flags.config ?? DEFAULT_CONFIG;
  const source = await readForExport({
    file,
    env: process.env,
    builtinTypes,
    secrets: flags.secrets,
    survey,
  });
  const unknown = flags.jobs.find((id) => !source.fleet.services.some((row) => row.id === id));
  if (unknown !== undefined) throw new UsageError(`--job: given "${unknown}", expected the id of a service in ${file}`);
  const files = await filesOf(flags, source, share, name);
  if (flags.out === undefined) {
    const [main, ...others] = files;
    const names = (list: readonly ExportedFile[]) => list.map((one) => one.name).join(", ");
    if (flags.dryRun) {
      tell(`would write ${names(files)} with --out`);
      return;
    }
    process.stdout.write(main?.text ?? "");
    if (others.length > 0) tell(`with --out also ${names(others)}`);
    return;
  }
  const written = writeExport(files, { folder: flags.out, force: flags.force ?? false, dryRun: flags.dryRun });
  for (const { path, action } of written) process.stdout.write(`${action.padEnd(9)}  ${path}\n`);
  if (flags.dryRun) tell("nothing was written (--dry-run)");
}

/** Loads the services' files, each once; of one that cannot be loaded it says why, and nothing is known. */
async function survey({ services }: FleetConfig): Promise<Map<string, ServiceTraits>> {
  const rows = services.filter(({ module }) => module.kind !== "program");
  const modules = rows.map(({ module, type }) => ({ module, type, all: false }));
  const results = await describeInWorkers(modules, workerHome(WORKER_ENTRY));
  const known = new Map<string, ServiceTraits>();
  for (const [index, { id }] of rows.entries()) {
    const result = results[index];
    if (result?.ok === false) tell(`${id}: ${result.error}; it is taken for a service that runs on`);
    const [about] = result?.ok ? result.services : [];
    if (!about) continue;
    const secretFields = about.fields.filter(({ secret }) => secret);
    known.set(id, { singleShot: about.kind === "single-shot", secretFields });
  }
  return known;
}

async function filesOf(flags: ExportFlags, source: ExportSource, share: Share, name: string): Promise<ExportedFile[]> {
  const { what, image = `${name}:latest` } = flags;
  if (what === "docker") {
    const { DEFAULT_BASE, dockerFiles } = await import("../export/docker.ts");
    const apart = flags.out !== undefined && resolve(flags.out) !== dirname(source.file);
    const rows = source.fleet.services;
    return dockerFiles({ file: source.file, rows, base: flags.base ?? DEFAULT_BASE, apart, image });
  }
  const plan = planUnits(source, { share, jobs: flags.jobs, cluster: what === "k8s" });
  for (const note of plan.notes) tell(note);
  const { nats } = source.fleet;
  const own =
    nats?.origin !== "environment" && reachableBroker(nats?.servers) ? undefined : `nats://${BROKER_NAME}:4222`;
  const options: ExportOptions = {
    name,
    image,
    configPath: `${APP_FOLDER}/${basename(source.file)}`,
    broker: flags.broker ?? own,
  };
  if (what === "compose") return [(await import("../export/compose.ts")).composeFile(plan, options)];
  const files = oneOf("--files", flags.files, ["configmap", "image"] as const, "configmap");
  const { k8sFile } = await import("../export/k8s.ts");
  return [k8sFile(plan, source, { ...options, files, storage: flags.storage, namespace: flags.namespace })];
}

/** Options that the target has no use for are mistakes. */
function refuseForeign(flags: ExportFlags): void {
  const only: readonly [option: string, given: unknown, ...targets: Target[]][] = [
    ["base", flags.base, "docker"],
    ["per", flags.per, "compose", "k8s"],
    ["broker", flags.broker, "compose", "k8s"],
    ["job", flags.jobs[0], "compose", "k8s"],
    ["files", flags.files, "k8s"],
    ["storage", flags.storage, "k8s"],
    ["namespace", flags.namespace, "k8s"],
  ];
  for (const [option, given, ...targets] of only) {
    if (given === undefined || targets.includes(flags.what)) continue;
    throw new UsageError(`tcs export ${flags.what}: --${option} is for ${targets.join(" and ")}`);
  }
}

function checkLabel(option: string, text: string): void {
  if (!isLabel(text)) {
    throw new UsageError(`${option}: given "${text}", expected lower-case letters, digits and "-", 52 at most`);
  }
}

function oneOf<T extends string>(option: string, given: string | undefined, words: readonly T[], byDefault: T): T {
  if (given === undefined) return byDefault;
  const word = words.find((known) => known === given);
  if (word === undefined) throw new UsageError(`${option}: given "${given}", expected one of ${words.join(", ")}`);
  return word;
}
