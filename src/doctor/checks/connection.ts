// Does each broker that was named answer, and are they one?
import type { ServerInfo } from "nats";
import { countOf } from "../../common/plural.ts";
import type { NatsSettings } from "../../config/types.ts";
import type { HostContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Trial } from "../trials.ts";

const START_ONE = 'start one with "tcs run" or "tcs broker", or say where it is: --host, --port, --config';

export async function checkConnection({ broker }: HostContext): Promise<Finding[]> {
  if ("fault" in broker)
    return [error(`nobody can tell where the broker is: ${broker.fault}`, "mend the configuration")];
  const { settings, trials } = broker;
  const anyAnswers = trials.some(({ outcome }) => outcome.ok);
  const each = trials.map((trial) => judge(trial, settings, anyAnswers));
  return [...each, ...strangers(trials)];
}

function judge({ server, outcome }: Trial, settings: NatsSettings, anyAnswers: boolean): Finding {
  const from = `(from: ${settings.origin}${who(settings)})`;
  if (outcome.ok) return ok(`${server} ${from}, ${describe(outcome.connection.info)}`);
  const text = `${server} ${from}: ${outcome.fault}`;
  if (anyAnswers) return warning(text, "others of the list answer; start this one again, or take it off the list");
  const refused = outcome.fault.includes("credentials");
  return error(text, refused ? "ask for a user of this broker: nats.user and nats.password, or NATS_USER" : START_ONE);
}

/** With whose rights; never a secret. */
function who({ user, token }: NatsSettings): string {
  if (user !== undefined) return `, as "${user}"`;
  return token === undefined ? "" : ", with a token";
}

function describe(info: ServerInfo | undefined): string {
  if (!info) return "a broker that does not say who it is";
  const cluster = clusterOf(info);
  return `nats-server ${info.version}${cluster === undefined ? "" : `, cluster ${cluster}`}`;
}

/** Servers of one list must share what is published: two that know nothing of each other split the fleet. */
function strangers(trials: readonly Trial[]): Finding[] {
  const servers = new Map<string, { server: string; cluster: string | undefined }>();
  for (const { server, outcome } of trials) {
    const info = outcome.ok ? outcome.connection.info : undefined;
    if (info) servers.set(info.server_id, { server, cluster: clusterOf(info) });
  }
  const known = [...servers.values()];
  const [first, ...others] = known;
  if (first === undefined || others.every(({ cluster }) => cluster !== undefined && cluster === first.cluster))
    return [];
  const names = known.map(({ server }) => server).join(" and ");
  return [
    error(
      `${names} are ${countOf(known.length, "broker")} that know nothing of each other: each sees a part of the fleet`,
      "name only one of them, or join them in a cluster",
    ),
  ];
}

function clusterOf(info: ServerInfo): string | undefined {
  // Sent by servers of a cluster; the client's type does not know it.
  const name: unknown = Reflect.get(info, "cluster");
  return typeof name === "string" && name !== "" ? name : undefined;
}
