// Topics and tasks over NATS: topics are subjects, tasks wait in a work queue of JetStream, or go to a queue group.
import type { Logger } from "../../common/logger.ts";
import type { Messenger } from "../../messenger/messenger.ts";
import { AddressError } from "../errors.ts";
import type { Transport } from "../transport.ts";
import { CorePuller } from "./core-puller.ts";
import { CorePusher } from "./core-pusher.ts";
import { QueuePuller } from "./queue-puller.ts";
import { QueuePusher } from "./queue-pusher.ts";
import { checkSubject } from "./subject.ts";
import { openInlet, openOutlet } from "./topics.ts";

/** @param messenger the service's own: it is not closed here */
export function natsTransport(messenger: Messenger, logger: Logger): Transport {
  const context = { messenger, logger };
  return {
    name: "nats",
    openOutlet: async ({ addresses }) => openOutlet(context, prefixesOf(addresses)),
    openInlet: async (options) => openInlet(context, { ...options, addresses: prefixesOf(options.addresses) }),
    openPusher: async (options) => {
      const subject = subjectOf(options.addresses);
      return options.queue.kind === "core"
        ? new CorePusher(context, subject, options)
        : new QueuePusher(context, subject, options);
    },
    openPuller: async (options) => {
      const subject = subjectOf(options.addresses);
      return options.queue.kind === "core"
        ? new CorePuller(context, subject, options)
        : new QueuePuller(context, subject, options);
    },
  };
}

/** What stands before topics: nothing, or subjects. */
function prefixesOf(addresses: readonly string[]): string[] {
  const prefixes = addresses.length === 0 ? [""] : [...addresses];
  for (const prefix of prefixes) if (prefix !== "") checkSubject(prefix);
  return prefixes;
}

function subjectOf(addresses: readonly string[]): string {
  const [subject, ...more] = addresses;
  if (subject === undefined || more.length > 0) {
    throw new AddressError(`${addresses.length} addresses of one queue: over NATS expected one, a subject`);
  }
  checkSubject(subject);
  return subject;
}
