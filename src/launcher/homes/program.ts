// What it takes to start a foreign program: where its executable is, its arguments and its environment.
import { accessSync, constants, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeError } from "../../common/errors.ts";
import { RUN_MARK } from "../../common/run-mark.ts";
import { fillPlaceholders, type PlaceholderValues } from "../../config/placeholders.ts";
import type { NatsSettings, Program, ServiceRow } from "../../config/types.ts";

type Env = Record<string, string | undefined>;

/** Why a program cannot be started; codes as a shell has them: 127 not found, 126 found, but not to be executed. */
export interface ProgramFault {
  code: 126 | 127;
  error: string;
}

/** A program that is there to be started. */
export interface ReadyProgram {
  /** Absolute path of the executable, then the arguments. */
  command: [string, ...string[]];
  cwd: string;
}

/**
 * Finds the executable of `program` as it would be started now, in `env`.
 * @param values of placeholders; those that are not known yet stay in the text
 */
export function readyProgram(
  program: Program,
  values: Partial<PlaceholderValues>,
  env: Env,
): ReadyProgram | ProgramFault {
  const [name, ...args] = program.command.map((text) => fillPlaceholders(text, values));
  if (!statOf(program.cwd)?.isDirectory()) {
    return { code: 127, error: `no such folder (cwd): ${program.cwd}` };
  }
  const found = findExecutable(name ?? "", dirname(program.configFile), env);
  return typeof found === "string" ? { command: [found, ...args], cwd: program.cwd } : found;
}

function findExecutable(name: string, folder: string, env: Env): string | ProgramFault {
  if (!name.includes("/")) {
    const path = Bun.which(name, { PATH: env.PATH ?? "" });
    return path ?? { code: 127, error: `no program "${name}" in PATH` };
  }
  const path = resolve(folder, name);
  const stat = statOf(path);
  if (!stat) return { code: 127, error: `no such file: ${path}` };
  if (!stat.isFile()) return { code: 126, error: `not a file: ${path}` };
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    // The one thing it can say: we may not.
    return { code: 126, error: `not executable: ${path} (chmod +x makes it so)` };
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // Nothing there, or nothing that we may look at: the same to whoever wants to start it.
    return undefined;
  }
}

/** Why a program that is there could not be started all the same. */
export function startFault(path: string, error: unknown): ProgramFault {
  switch ((error as { code?: unknown } | undefined)?.code) {
    case "ENOENT":
      return { code: 127, error: `the interpreter named in the first line of ${path} does not exist` };
    case "ENOEXEC":
      return { code: 126, error: `neither a program for this computer nor a script with a first line #!…: ${path}` };
    default:
      return { code: 126, error: `${path} cannot be started: ${describeError(error)}` };
  }
}

/** What `tcs run --check` can know already: why the program of `row` could not be started here and now. */
export function programFault(row: ServiceRow): string | undefined {
  if (row.module.kind !== "program") return undefined;
  const ready = readyProgram(row.module, rowValues(row, row.module), { ...process.env, ...row.module.env });
  return "error" in ready ? ready.error : undefined;
}

/** The placeholders whose values stand in the configuration. */
export function rowValues(
  { id, type, variant }: Pick<ServiceRow, "id" | "type" | "variant">,
  { configFile }: Program,
): Pick<PlaceholderValues, "config_file" | "service_id" | "type" | "variant"> {
  return { config_file: configFile, service_id: id, type, variant };
}

/** Where the broker is, as `nats://host:port`; without a login, which is not for every command line to show. */
export interface BrokerAddress {
  url: string;
  host: string;
  port: string;
  /** Path of the certificate of whoever signed the broker's. */
  ca?: string;
}

export function brokerAddress({ servers, tls }: Pick<NatsSettings, "servers" | "tls">): BrokerAddress {
  const [server = ""] = servers;
  const trust = tls?.ca === undefined ? {} : { ca: tls.ca };
  if (!URL.canParse(server)) return { url: server, host: server, port: "", ...trust };
  const { protocol, hostname: host, port } = new URL(server);
  return { url: `${protocol}//${host}${port === "" ? "" : `:${port}`}`, host, port, ...trust };
}

/** The environment of a program: the launcher's, the broker's address, the row's own, and who it is. */
export function programEnv(program: Program, values: PlaceholderValues, broker: BrokerAddress, base: Env): Env {
  return {
    ...base,
    TCS_NATS_URL: broker.url,
    NATS_URL: broker.url,
    NATS_HOST: broker.host,
    NATS_PORT: broker.port,
    ...(broker.ca === undefined ? {} : { NATS_CA: broker.ca }),
    ...program.env,
    TCS_SERVICE_ID: values.service_id,
    TCS_VARIANT: values.variant,
    TCS_RUNNER_ID: values.runner_id,
    TCS_PARENT_NAME: values.parent_name,
    TCS_SUBJECT_PREFIX: values.subject_prefix,
    TCS_CONFIG_FILE: values.config_file,
    // By this the launcher knows what it has to end.
    [RUN_MARK]: base[RUN_MARK],
  };
}
