// Reading a stream of a broker that is not right about how much there is: as 2.9 is at times after it was restarted.
import { expect, test } from "bun:test";
import { headers, type Msg, type NatsConnection, type SubscriptionOptions } from "nats";
import { type StreamContents, StreamWatch } from "../../src/client/stream-watch.ts";
import { waitFor } from "../support/wait.ts";
import { envelope } from "./publish.ts";

/** A broker with one stream, of which each consumer is announced `announced` messages and told one, over and over. */
class WrongBroker {
  readonly announced: number;
  readonly #consumers: NonNullable<SubscriptionOptions["callback"]>[] = [];
  /** What the consumers were to begin with, and how often the broker speaks to them when idle, milliseconds. */
  readonly asked: { policy: string; idleMs: number }[] = [];

  constructor(announced: number) {
    this.announced = announced;
  }

  get connection(): NatsConnection {
    const answer = (value: unknown) => ({ json: () => value });
    const fake = {
      isClosed: () => false,
      isDraining: () => false,
      publish: () => undefined,
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

  /** Tells the latest consumer its first message. */
  tell(seq: number): void {
    const time = 1_700_000_000_000 + seq;
    const reply = `$JS.ACK.svc_status.consumer.1.${seq}.1.${time}000000.${this.announced - 1}`;
    const data = new TextEncoder().encode(envelope({ status: "ok" }));
    this.#send({ subject: "svc.status.a.a", data, reply });
  }
  /** Says to the latest consumer that it is there, and (`stalled`) that there is more than was taken. */
  idle(stalled = false): void {
    const head = headers(100, "Idle Heartbeat");
    if (stalled) head.set("Nats-Consumer-Stalled", "reply");
    this.#send({ subject: "inbox", data: new Uint8Array(), headers: head });
  }
  #send(message: Partial<Msg>): void {
    // All of it that is used.
    this.#consumers.at(-1)?.(null, message as Msg);
  }
}

test("a reading is whole when the broker has nothing more, though it announced more", async () => {
  const broker = new WrongBroker(3);
  const { connection } = broker;
  const found: StreamContents[] = [];
  const watch = new StreamWatch(
    { subjects: "svc.status.>", wantsMissed: true },
    {
      contents: (contents) => void found.push(contents),
      message: () => undefined,
      bad: () => undefined,
      fault: () => undefined,
    },
  );
  watch.read(connection);
  await waitFor("the first consumer", () => broker.asked.length === 1);
  broker.tell(1);
  broker.idle(true);
  await Bun.sleep(20);
  expect(found).toEqual([]);
  broker.idle();
  await waitFor("a whole reading", () => found.length === 1);

  // Again, as after an outage: first what was missed, of which the end is asked for soon.
  watch.read(connection);
  await waitFor("the second consumer", () => broker.asked.length === 2);
  broker.tell(2);
  broker.idle();
  await waitFor("the third consumer", () => broker.asked.length === 3);
  broker.tell(2);
  broker.idle();
  await waitFor("a whole reading", () => found.length === 2);
  watch.stop();
  expect(found.map(({ messages }) => messages.map(({ seq }) => seq))).toEqual([[1], [2, 2]]);
  expect(broker.asked).toEqual([
    { policy: "last_per_subject", idleMs: 5_000 },
    { policy: "by_start_time", idleMs: 200 },
    { policy: "last_per_subject", idleMs: 5_000 },
  ]);
});
