// Does each broker that was named answer, and are they one?
import type { NatsConnection, ServerInfo } from "nats";
import { countOf } from "../../common/plural.ts";
import type { NatsSettings } from "../../config/types.ts";
import { describeLogin, isEncrypted } from "../../messaging/login.ts";
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
  if (outcome.ok) {
    const { connection } = outcome;
    return ok(`${server} ${from}, ${describe(connection.info)}${tlsOf(connection, settings)}`);
  }
  const { why, hint = START_ONE } = outcome.fault;
  const text = `${server} ${from}: ${why}`;
  if (anyAnswers) return warning(text, "others of the list answer; start this one again, or take it off the list");
  return error(text, hint);
}

/** With whose rights; never a secret. */
function who(settings: NatsSettings): string {
  if (settings.user !== undefined) return `, as "${settings.user}"`;
  if (settings.token !== undefined || settings.tokenFile !== undefined) return ", with a token";
  const login = describeLogin(settings);
  return login === undefined ? "" : `, as ${login}`;
}

/** Whether others can read along, and how the broker is known to be the right one. */
function tlsOf(connection: NatsConnection, { tls }: NatsSettings): string {
  if (!isEncrypted(connection)) return "";
  const trust = tls?.ca === undefined ? "the signers this system trusts" : tls.ca;
  return `, TLS (checked by ${trust}${tls?.cert === undefined ? "" : "; it has seen our certificate"})`;
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
