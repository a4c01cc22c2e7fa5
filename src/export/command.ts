// How a container runs its launcher, and the environment that it has.
import type { ServiceRow } from "../config/types.ts";
import { SECRETS_FOLDER, STATE_FOLDER } from "./layout.ts";
import type { ExportOptions, Unit } from "./types.ts";

/** The command of a unit, as a list. */
export function commandOf(unit: Unit, { configPath, broker }: Pick<ExportOptions, "configPath" | "broker">): string[] {
  const only = unit.whole ? [] : unit.rows.flatMap(({ id }) => ["--only", id]);
  const homes = homeArguments(unit.rows);
  const once = unit.life.kind === "launcher" ? [] : ["--once"];
  const host = broker === undefined ? [] : ["--host", broker];
  return ["tcs", "run", "--config", configPath, ...only, ...homes, ...once, ...host];
}

/** In a container there is no systemd: what is a unit of it elsewhere is a process here. */
export function homeArguments(rows: readonly ServiceRow[]): string[] {
  const units = rows.filter(({ home }) => home === "systemd");
  return units.flatMap(({ id }) => ["--set", `${id}.launcher=process`]);
}

/** What is the same for all: no values of anybody's. The broker is there for commands that are run in the container. */
export function fixedEnvironment(unit: Unit, { broker }: Pick<ExportOptions, "broker">): Record<string, string> {
  const hasSecrets = unit.variables.some(({ secret }) => secret);
  return {
    TCS_STATE_DIR: STATE_FOLDER,
    ...(hasSecrets && { TCS_SECRETS_DIR: SECRETS_FOLDER }),
    ...(broker !== undefined && { NATS_HOST: broker }),
  };
}

/** Whether the configuration names a broker that another container can reach. */
export function reachableBroker(servers: readonly string[] | undefined): boolean {
  return (servers ?? []).some((server) => !/^(?:nats|tls):\/\/(?:localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(server));
}
