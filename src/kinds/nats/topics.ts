// Topics over NATS: subjects, with a prefix if there is one, and the messenger's envelopes.
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { countOf } from "../../common/plural.ts";
import { decode } from "../../messaging/envelope.ts";
import { StandingSubscriptions } from "../../messaging/standing.ts";
import type { Messenger } from "../../messenger/messenger.ts";
import type { JsonMessage } from "../messages.ts";
import { checkTopic } from "../topics.ts";
import type { Inlet, InletOptions, Outlet } from "../transport.ts";

/** Messages that may wait for their handlers. */
const MOST_WAITING = 1_000;

export interface NatsContext {
  messenger: Messenger;
  logger: Logger;
}

export function openOutlet({ messenger, logger }: NatsContext, prefixes: readonly string[]): Outlet {
  const publish = async (subject: string, message: JsonMessage, fleeting: boolean): Promise<void> => {
    if (messenger.state === "connected" || fleeting) {
      await using publisher = messenger.getCorePublisher<JsonMessage>(subject);
      const sent = publisher.publish(message);
      // The next one says the same, and more.
      await (fleeting ? sent.catch((error: unknown) => logger.debug(describeError(error))) : sent);
    } else {
      // Kept by the messenger until the broker is there. What is dropped then is counted and logged there.
      messenger.singlePublish(subject, message).catch(() => undefined);
    }
  };
  return {
    addresses: prefixes,
    async publish(topic, message, { fleeting = false } = {}) {
      checkTopic(topic);
      for (const prefix of prefixes) await publish(prefix === "" ? topic : `${prefix}.${topic}`, message, fleeting);
    },
    async close() {
      // The messenger is the service's own, and goes on.
    },
  };
}

/** Messages of all patterns come through one line: in the order in which the broker has sent them, one at a time. */
export function openInlet({ messenger }: NatsContext, options: InletOptions): Inlet {
  const { addresses, patterns, patternOf, take, lost } = options;
  const waiting: { topic: string; data: Uint8Array }[] = [];
  let isWorking = false;
  let working = Promise.resolve();
  const work = async (): Promise<void> => {
    isWorking = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const decoded = decode(next.data);
      if (decoded.ok) await take(next.topic, decoded.data ?? {});
      else lost(`${next.topic}: ${decoded.fault}`);
    }
    isWorking = false;
  };
  const arrive = (topic: string, data: Uint8Array): void => {
    waiting.push({ topic, data });
    if (waiting.length > MOST_WAITING) {
      waiting.shift();
      lost(`messages come faster than they are handled: of more than ${MOST_WAITING} the oldest are dropped`);
    }
    if (!isWorking) working = work();
  };
  const standing = new StandingSubscriptions(messenger);
  for (const prefix of addresses) {
    const start = prefix === "" ? "" : `${prefix}.`;
    for (const pattern of patterns) {
      standing.add(`${start}${pattern}`, (error, message) => {
        if (error) return lost(describeError(error));
        const topic = message.subject.slice(start.length);
        // Patterns may overlap: each message is taken once, by the one that it goes by.
        if (patternOf(topic) === pattern) arrive(topic, message.data);
      });
    }
  }
  // Begins to connect. Who is not let in is told by the messenger, which goes on trying.
  messenger.connected(0).catch(() => undefined);
  return {
    addresses,
    async close(limitMs) {
      standing.close();
      await settlesIn(limitMs, working);
      const left = waiting.splice(0).length;
      if (left > 0) lost(`${countOf(left, "message")} not handled before the stop`, left);
    },
  };
}
