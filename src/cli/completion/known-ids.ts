// The ids of a fleet, within the moment that a person waits for a key.
import type { NatsConnection } from "nats";
import { ServiceControlClient } from "../../client/service-control-client.ts";
import { findStream, objectAt } from "../../messaging/find-stream.ts";
import { askJetStream } from "../../messaging/jetstream.ts";
import type { Candidate } from "./candidate.ts";

/** To read a fleet of more ids takes longer than anybody waits for a key. */
const MOST_READ = 300;
const LIMIT_MS = 500;

/** What is declared, or there: with its status, unless the fleet is so large that only names are told. */
export async function knownIds(
  connection: NatsConnection,
  prefix: string,
  kind: "service" | "launcher",
): Promise<Candidate[]> {
  const listed = await listIds(connection, prefix);
  if (listed.length > MOST_READ) {
    // Some of them may be long gone.
    return listed.filter((id) => id.startsWith("launcher.") === (kind === "launcher")).map((value) => ({ value }));
  }
  const client = new ServiceControlClient(connection, { subjectPrefix: prefix, limitMs: LIMIT_MS });
  const { services } = await client.readFleet();
  const known = services.filter((info) => info.kind === kind && !info.removed && (info.declared || info.current));
  return known.map(({ serviceId, status }) => ({ value: serviceId, about: status }));
}

/** The ids in the subjects of what is stored: the broker lists them without sending a message. */
async function listIds(connection: NatsConnection, prefix: string): Promise<string[]> {
  const subjects = await Promise.all([
    subjectsUnder(connection, prefix, "registry", `${prefix}.registry.declared.`),
    subjectsUnder(connection, prefix, "heartbeat", `${prefix}.heartbeat.`),
  ]);
  return [...new Set(subjects.flat())].sort();
}

async function subjectsUnder(
  connection: NatsConnection,
  prefix: string,
  kind: "registry" | "heartbeat",
  head: string,
): Promise<string[]> {
  const stream = await findStream(connection, prefix, kind);
  if (!stream.ok) return [];
  const question = { subjects_filter: `${head}>` };
  const answer = await askJetStream(connection, `STREAM.INFO.${stream.name}`, question, LIMIT_MS);
  if (!answer.ok) return [];
  return Object.keys(objectAt(objectAt(answer.value, "state"), "subjects")).map((subject) =>
    subject.slice(head.length),
  );
}
