// Publishing outside of streams: to who listens now, and nobody else.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Envelope } from "../messaging/envelope.ts";
import { sizeFault } from "../messaging/too-large.ts";
import { ClosedError, NotSentError } from "./errors.ts";
import { encoded, type Outcome } from "./outgoing.ts";
import { Publisher, type PublisherOptions } from "./publisher.ts";
import type { Wire } from "./wire.ts";

/**
 * Publishes without a stream, an answer or a buffer: a message that cannot be sent at once is not sent.
 * Made by `messenger.getCorePublisher`.
 */
export class CorePublisher<T extends object = JsonObject> extends Publisher<T> {
  constructor(wire: Wire, subject: string, options: PublisherOptions<T> = {}) {
    super(wire, subject, options, "core-publisher");
  }

  protected override async send(envelope: Envelope): Promise<Outcome> {
    const { subject, wire } = this;
    wire.start();
    const payload = encoded(subject, envelope);
    // The client would drop it without a word.
    if (wire.state === "connecting") await wire.connected(FIRST_CONNECTION_MS);
    const { connection } = wire;
    if (wire.state === "closed") throw new ClosedError(`${subject}: the messenger is closed`);
    if (!connection || wire.state !== "connected") throw new NotSentError(`${subject}: the broker is away`);
    try {
      connection.publish(subject, payload);
    } catch (cause) {
      const fault = sizeFault(connection, "the message", payload.length) ?? describeError(cause);
      throw new NotSentError(`${subject}: ${fault}`, { cause });
    }
    return { stored: false };
  }
}

/** A messenger that is just being opened is waited for, milliseconds. */
const FIRST_CONNECTION_MS = 2_000;
