// How a container runs its launcher, and the environment that it has.
import { SECRETS_FOLDER, STATE_FOLDER } from "./layout.ts";
import type { ExportOptions, Unit } from "./types.ts";

/** The command of a unit, as a list. */
export function commandOf(unit: Unit, { configPath, broker }: Pick<ExportOptions, "configPath" | "broker">): string[] {
  const only = unit.whole ? [] : unit.rows.flatMap(({ id }) => ["--only", id]);
  const once = unit.life.kind === "launcher" ? [] : ["--once"];
  return ["tcs", "run", "--config", configPath, ...only, ...once, ...(broker === undefined ? [] : ["--host", broker])];
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
