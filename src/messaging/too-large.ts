// A message that is larger than the broker takes: found before it is sent, or by the client's error.
import type { NatsConnection } from "nats";

/** What is wrong with a payload of so many bytes, in words; undefined: nothing. @param what it is, as `the answer` */
export function sizeFault(connection: NatsConnection | undefined, what: string, bytes: number): string | undefined {
  const most = connection?.info?.max_payload ?? Number.POSITIVE_INFINITY;
  return bytes > most ? `${what} is too large: ${bytes} bytes, the broker takes ${most}` : undefined;
}
