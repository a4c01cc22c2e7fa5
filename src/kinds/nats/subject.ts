// Addresses over NATS: subjects, without wildcards.
import { AddressError } from "../errors.ts";
import { checkTopic } from "../topics.ts";

/** @throws AddressError, TopicError */
export function checkSubject(text: string): void {
  if (text.includes("://")) {
    throw new AddressError(`${text} is no subject of NATS`, {
      hint: 'with "transport: nats" an address is a subject, as tasks.dome; for ZeroMQ write "transport: zmq"',
    });
  }
  checkTopic(text);
}
