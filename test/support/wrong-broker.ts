// A broker that is not right about how much its stream holds: as 2.9 is at times after it was restarted.
import { headers, type Msg, type NatsConnection, type SubscriptionOptions } from "nats";
import { encode, MetaSource } from "../../src/messaging/envelope.ts";

/** A broker with one stream, of which each consumer is announced `announced` messages and told one, over and over. */
export class WrongBroker {
  readonly announced: number;
  readonly #consumers: NonNullable<SubscriptionOptions["callback"]>[] = [];
  /** What the consumers were to begin with, and how often the broker speaks to them when idle, milliseconds. */
  readonly asked: { policy: string; idleMs: number }[] = [];

  /** Subjects of what was published to it. */
  readonly published: string[] = [];

  constructor(announced: number) {
    this.announced = announced;
  }

  get connection(): NatsConnection {
    const answer = (value: unknown) => ({ json: () => value });
    const fake = {
      isClosed: () => false,
      isDraining: () => false,
      publish: (subject: string) => void this.published.push(subject),
      subscribe: (_: string, { callback }: SubscriptionOptions) => {
        if (callback) this.#consumers.push(callback);
        return { unsubscribe: () => undefined };
      },
      request: async (subject: string, body: string) => {
        if (subject.includes("STREAM.NAMES")) return answer({ streams: ["svc_status"] });
        const { config } = JSON.parse(body);
        this.asked.push({ policy: config.deliver_policy, idleMs: config.idle_heartbeat / 1e6 });
        return answer({ name: "consumer", num_pending: this.announced });
      },
    };
    // All of it that is used.
    return fake as unknown as NatsConnection;
  }

  /** Tells the latest consumer its `nth` message. */
  tell(seq: number, nth = 1): void {
    const time = 1_700_000_000_000 + seq;
    const reply = `$JS.ACK.svc_status.consumer.1.${seq}.${nth}.${time}000000.${this.announced - nth}`;
    const data = encode({ data: { status: "ok" }, meta: new MetaSource().next() });
    this.#send({ subject: "svc.status.a.a", data, reply });
  }
  /**
   * Says to the latest consumer that it is there; that there is more than was taken (`stalled`: where it waits for an
   * answer); or how many it has sent.
   */
  idle({ stalled, sent }: { stalled?: string; sent?: number } = {}): void {
    const head = headers(100, "Idle Heartbeat");
    if (stalled !== undefined) head.set("Nats-Consumer-Stalled", stalled);
    if (sent !== undefined) head.set("Nats-Last-Consumer", String(sent));
    this.#send({ subject: "inbox", data: new Uint8Array(), headers: head });
  }
  #send(message: Partial<Msg>): void {
    // All of it that is used.
    this.#consumers.at(-1)?.(null, message as Msg);
  }
}
