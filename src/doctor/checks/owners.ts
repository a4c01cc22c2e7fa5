// Is the bucket that says who runs which service fit for it? (docs/ownership.md)
import { object } from "../../client/facts.ts";
import type { JsonObject } from "../../common/json.ts";
import { countOf } from "../../common/plural.ts";
import { bucketName } from "../../launcher/ownership/owners-bucket.ts";
import { askJetStream, JsError } from "../../messaging/jetstream.ts";
import { bytes } from "../bytes.ts";
import type { BrokerContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { numberOf, textOf } from "../json.ts";

const FULL = 0.9;

export async function checkOwners({ look }: BrokerContext): Promise<Finding[]> {
  const name = bucketName(look.prefix);
  const info = await askJetStream(look.connection, `STREAM.INFO.KV_${name}`, { subjects_filter: ">" });
  if (info.ok) return judgeBucket(name, info.value);
  if (info.errCode !== JsError.streamNotFound) {
    const text = `the bucket ${name} cannot be looked at: ${info.message}`;
    return [warning(text, "see the permissions: without the bucket two launchers can run the same service")];
  }
  const ours = (await look.launchers()).filter(({ answer }) => answer.kind === "described");
  if (ours.length === 0) return [ok(`no bucket ${name} yet: the first launcher makes it`)];
  return [
    error(
      `the bucket ${name} is missing, though ${countOf(ours.length, "launcher")} run: nothing keeps a service from running twice`,
      "launchers make it again within seconds if they may: look for the reason in tcs logs tcs",
    ),
  ];
}

/** What is wrong with a bucket, by JetStream's description of it with its subjects. */
export function judgeBucket(name: string, info: JsonObject): Finding[] {
  const config = object(info.config) ?? {};
  const state = object(info.state) ?? {};
  const findings: Finding[] = [];
  if ((numberOf(config.max_age) ?? 0) > 0) {
    const text = `the bucket ${name} forgets who runs a service after a while (max_age)`;
    findings.push(error(text, `nats stream edit KV_${name} --max-age 0`));
  }
  const room = numberOf(config.max_bytes) ?? -1;
  const used = numberOf(state.bytes) ?? 0;
  if (room > 0 && used > room * FULL) {
    const text = `the bucket ${name} is full (${bytes(used)} of ${bytes(room)}): no launcher can claim a service`;
    findings.push(error(text, `nats stream edit KV_${name} --max-bytes ${2 * room}`));
  }
  if (textOf(config.storage) === "memory") {
    const text = `the bucket ${name} is kept in memory: after a restart of the broker nobody owns anything`;
    findings.push(warning(text, `while no fleet runs: nats kv rm ${name}; launchers make it anew`));
  }
  if (findings.length > 0) return findings;
  const keys = Object.keys(object(state.subjects) ?? {}).map((subject) => subject.slice(`$KV.${name}.`.length));
  const sessions = keys.filter((key) => key.startsWith("session_")).length;
  // Entries of services stay when they are released: they count the owners.
  return [ok(`bucket ${name}: ${countOf(sessions, "launcher")}, ${countOf(keys.length - sessions, "service")} known`)];
}
