// Are the streams of PROTOCOL there, do they store what they should, and are they such that nothing is lost?
import type { NatsConnection } from "nats";
import { subjectsOf } from "../../broker/streams.ts";
import type { JsonObject } from "../../common/json.ts";
import { askJetStream, streamsOf } from "../../messaging/jetstream.ts";
import { STREAM_KINDS, type StreamKind, streamName } from "../../messaging/snapshot.ts";
import type { BrokerContext } from "../check.ts";
import { error, type Finding, ok } from "../finding.ts";
import { judgeStreams } from "../stream-verdict.ts";

export async function checkStreams({ look: { connection, prefix } }: BrokerContext): Promise<Finding[]> {
  const [kinds, rpc] = await Promise.all([
    Promise.all(STREAM_KINDS.map((kind) => checkKind(connection, prefix, kind))),
    checkRpc(connection, prefix),
  ]);
  const trouble = [...kinds.flatMap(({ findings }) => findings), ...rpc];
  if (trouble.length > 0) return trouble;
  const names = kinds.flatMap((kind) => kind.names);
  return [ok(`${names.join(", ")} store all they should`)];
}

async function checkKind(connection: NatsConnection, prefix: string, kind: StreamKind) {
  const subject = `${prefix}.${kind}.>`;
  const usual = streamName(prefix, kind);
  const found = await streamsOf(connection, subject);
  if (!found.ok) return { names: [], findings: [unreadable(subject, found.message)] };
  const { names } = found;
  const infos: JsonObject[] = [];
  for (const name of names) {
    const info = await askJetStream(connection, `STREAM.INFO.${name}`);
    if (!info.ok) return { names, findings: [unreadable(`stream ${name}`, info.message)] };
    infos.push(info.value);
  }
  if (names.length > 0) return { names, findings: judgeStreams(kind, subject, infos) };
  // A stream of the usual name that stores something else keeps everybody from making the right one.
  const squatter = await askJetStream(connection, `STREAM.INFO.${usual}`);
  return { names, findings: [missing(subject, usual, squatter.ok ? subjectsOf(squatter.value) : undefined)] };
}

function missing(subject: string, usual: string, other: readonly string[] | undefined): Finding {
  if (other === undefined) {
    return error(`nothing stores ${subject}`, `"tcs run" and "tcs broker" make the stream ${usual} when they start`);
  }
  return error(
    `nothing stores ${subject}: the stream ${usual} is there, but stores ${other.join(", ") || "no subject"}`,
    `nats stream edit ${usual} --subjects '${subject}'`,
  );
}

/** A stream answers what it stores: whoever asks a service would get the stream's acknowledgement for an answer. */
async function checkRpc(connection: NatsConnection, prefix: string): Promise<Finding[]> {
  const subject = `${prefix}.rpc.>`;
  const found = await streamsOf(connection, subject);
  // That nothing can be read is told of the four already.
  if (!found.ok || found.names.length === 0) return [];
  return [
    error(
      `${found.names.join(", ")} stores ${subject}: requests to services are answered by the stream, not by them`,
      `nats stream edit ${found.names[0]} --subjects … without ${subject}`,
    ),
  ];
}

function unreadable(what: string, why: string): Finding {
  return error(`${what} cannot be looked at: ${why}`, "see the permissions below; this user may not read the streams");
}
