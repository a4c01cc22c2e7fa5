// Topics over NATS: subjects, with a prefix if there is one, and the messenger's envelopes.
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { Messenger } from "../../messenger/messenger.ts";
import type { JsonMessage } from "../messages.ts";
import { checkTopic } from "../topics.ts";
import type { Inlet, InletOptions, Outlet } from "../transport.ts";

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

export function openInlet({ messenger }: NatsContext, options: InletOptions): Inlet {
  const { addresses, patterns, patternOf, take, lost } = options;
  const onError = ({ message }: { message: string }) => lost(message);
  const subscribers = addresses.flatMap((prefix) => {
    const start = prefix === "" ? "" : `${prefix}.`;
    return patterns.map((pattern) =>
      messenger.getCoreSubscriber<JsonMessage>(`${start}${pattern}`, { onError }, async ({ data, meta }) => {
        const topic = meta.nats.subject.slice(start.length);
        // Patterns may overlap: each message is taken once, by the one that it goes by.
        if (patternOf(topic) === pattern) await take(topic, data);
      }),
    );
  });
  return {
    addresses,
    async close(limitMs) {
      await settlesIn(limitMs, Promise.all(subscribers.map((subscriber) => subscriber.close())));
    },
  };
}
