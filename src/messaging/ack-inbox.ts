// Where acknowledgements come to: `<inbox>.<number of the event>`.
import type { Msg, NatsConnection, Subscription } from "nats";
import { randomToken } from "./envelope.ts";
import { inboxPrefixOf } from "./login.ts";

export class AckInbox {
  readonly #callback: (error: Error | null, message: Msg) => void;
  #prefix = "";
  #on: { connection: NatsConnection; subscription: Subscription } | undefined;

  constructor(callback: (error: Error | null, message: Msg) => void) {
    this.#callback = callback;
  }

  /** On this connection from now on; the client itself keeps it over outages. */
  open(connection: NatsConnection): void {
    if (this.#on?.connection === connection) return;
    this.#prefix = `${inboxPrefixOf(connection)}.${randomToken(22)}`;
    const subscription = connection.subscribe(`${this.#prefix}.*`, { callback: this.#callback });
    this.#on = { connection, subscription };
  }

  replyFor(seq: number): string {
    return `${this.#prefix}.${seq}`;
  }

  /** The number of the event that an answer is about. */
  seqOf({ subject }: Msg): number {
    return Number(subject.slice(this.#prefix.length + 1));
  }

  close(): void {
    const { connection, subscription } = this.#on ?? {};
    if (connection && !connection.isClosed()) subscription?.unsubscribe();
    this.#on = undefined;
  }
}
