// Reading a stream of a broker that is not right about how much there is: as 2.9 is at times after it was restarted.
import { expect, test } from "bun:test";
import { type StreamContents, StreamWatch } from "../../src/client/stream-watch.ts";
import { waitFor } from "../support/wait.ts";
import { WrongBroker } from "../support/wrong-broker.ts";

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
  broker.idle({ stalled: "$JS.FC.svc_status.consumer.x" });
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
