// How far this host's clock, and those of the others, are off the broker's, by which everything is stored.
import type { NatsConnection } from "nats";
import { askJetStream } from "../../messaging/jetstream.ts";
import { fromWireTimestamp } from "../../messaging/timestamp.ts";
import type { BrokerContext } from "../check.ts";
import { type Interval, judgeHosts, judgeOwn, narrow } from "../clock-verdict.ts";
import { type Finding, ok } from "../finding.ts";
import { textOf, textsOf } from "../json.ts";

const SAMPLES = 7;

export async function checkClock({ look }: BrokerContext): Promise<Finding[]> {
  const own = await ownOffset(look.connection);
  if ("fault" in own) return [ok(`not measured: ${own.fault}`)];
  const [{ services }, beats] = await Promise.all([look.fleet(), look.beats()]);
  const hosts = new Map(services.map(({ serviceId, host }) => [serviceId, host]));
  const others = beats.flatMap(({ data, meta, time }) => {
    const host = hosts.get(textOf(data.service_id) ?? "");
    const said = fromWireTimestamp(meta.ts);
    return host === undefined || said === undefined ? [] : [{ host, aheadMs: said - time }];
  });
  return [judgeOwn(own), ...judgeHosts(others)];
}

/**
 * The broker tells its time when it makes a consumer: `created` lies between our question and its answer. That holds
 * for each of several, so the truth lies where all of them overlap.
 */
async function ownOffset(connection: NatsConnection): Promise<Interval | { fault: string }> {
  const listed = await askJetStream(connection, "STREAM.NAMES");
  const [stream] = listed.ok ? textsOf(listed.value.streams) : [];
  if (stream === undefined) return { fault: listed.ok ? "it takes a stream, and there is none yet" : listed.message };
  let offset: Interval | undefined;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const before = Date.now();
    const answer = await askJetStream(connection, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config: PROBE });
    // The clock counts whole milliseconds: it may be nearly one later than it says.
    const after = Date.now() + 1;
    if (!answer.ok) return { fault: answer.message };
    const { created, name } = answer.value;
    if (typeof name === "string") connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`);
    const theirs = Date.parse(textOf(created) ?? "");
    if (!Number.isNaN(theirs)) offset = narrow(offset, { least: before - theirs - 1, most: after - theirs });
  }
  return offset ?? { fault: "the broker does not tell its time" };
}

/** A consumer that delivers nothing, and goes by itself. */
const PROBE = {
  deliver_policy: "new",
  ack_policy: "explicit",
  mem_storage: true,
  num_replicas: 1,
  inactive_threshold: 1_000_000_000,
};
