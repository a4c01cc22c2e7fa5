// Is there JetStream, which keeps what the fleet says, and has it room?
import { object } from "../../client/facts.ts";
import type { JsonObject } from "../../common/json.ts";
import { countOf } from "../../common/plural.ts";
import { askJetStream, type JetStreamFault } from "../../messaging/jetstream.ts";
import { bytes } from "../bytes.ts";
import type { BrokerContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { numberOf } from "../json.ts";

/** Parts of the room that may be used before it is a doubt, and before it is a fault. */
const NARROW = 0.9;
const FULL = 0.99;

export async function checkJetStream({ look: { connection }, settings }: BrokerContext): Promise<Finding[]> {
  const answer = await askJetStream(connection, "INFO");
  return answer.ok ? judgeAccount(answer.value) : [without(answer, settings.user)];
}

function without({ reason, message }: JetStreamFault, user: string | undefined): Finding {
  const what = "no JetStream: nothing that services say is kept, tcs status shows nothing";
  if (reason === "no_jetstream") {
    return error(
      `${what} (${message})`,
      'start the broker with JetStream (nats-server -js), enable it for this account, or let "tcs run" start its own',
    );
  }
  const whose = user === undefined ? "this user" : `the user "${user}"`;
  return error(
    `${what}: it cannot be asked (${message})`,
    `allow ${whose} to publish $JS.API.> and to subscribe _INBOX.>`,
  );
}

/** What `$JS.API.INFO` tells of an account. */
export function judgeAccount(account: JsonObject): Finding[] {
  const limits = object(account.limits) ?? {};
  const streams = numberOf(account.streams) ?? 0;
  const used = numberOf(account.storage) ?? 0;
  const room = numberOf(limits.max_storage) ?? -1;
  const stored = `${countOf(streams, "stream")}, ${bytes(used)} stored`;
  // -1: the account may use whatever the broker has.
  if (room < 0) return [ok(`${stored}, no limit for this account`)];
  const text = `${stored}, ${bytes(Math.max(0, room - used))} of ${bytes(room)} free`;
  const advice = "raise max_file of this account, or make its streams smaller (nats stream edit NAME --max-bytes)";
  if (used >= room * FULL) return [error(`${text}: full, new reports may be refused`, advice)];
  return [used >= room * NARROW ? warning(`${text}: nearly full`, advice) : ok(text)];
}
