// Tries permissions without doing what they permit.
import type { NatsConnection } from "nats";
import { encode, MetaSource } from "../messaging/envelope.ts";
import { natsClient } from "../messaging/nats-client.ts";

export interface Right {
  verb: "publish" | "subscribe";
  /** What is tried. */
  subject: string;
}

/**
 * Tries all of them in one round trip. What is published carries no data, which readers of the protocol pass over, and
 * demands to be stored in a stream that does not exist, which every stream refuses: nothing is kept.
 * @returns those that the broker refuses
 */
export async function refusedRights<R extends Right>(connection: NatsConnection, rights: readonly R[]): Promise<R[]> {
  const refused = new Set<string>();
  // Ends with the connection.
  void (async () => {
    for await (const { permissionContext: about } of connection.status()) {
      if (about) refused.add(`${about.operation === "publish" ? "publish" : "subscribe"} ${about.subject}`);
    }
  })();
  const { headers } = await natsClient();
  const header = headers();
  header.set("Nats-Expected-Stream", "tcs-doctor");
  const meta = new MetaSource();
  const subscriptions = rights.flatMap(({ verb, subject }) => {
    if (verb === "subscribe") return [connection.subscribe(subject, { callback: () => undefined })];
    connection.publish(subject, encode({ meta: meta.next("doctor") }), { headers: header });
    return [];
  });
  // The broker complains before it answers the ping; the complaint is handed on in a later turn than it was read in.
  await connection.flush();
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (const subscription of subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
  return rights.filter(({ verb, subject }) => refused.has(`${verb} ${subject}`));
}
