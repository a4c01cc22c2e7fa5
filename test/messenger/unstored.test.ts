// Publishing what no stream stores: quick, to those who listen, and never in the way of the rest.
import { expect, test } from "bun:test";
import { waitFor, within } from "../support/wait.ts";
import { allOf, openBench } from "./support.ts";

test("subject after subject that nothing stores is published without a pause between them", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publishAll = async () => {
    // At a pause of a second after each it would take longer than is waited for here.
    for (let n = 0; n < 40; n++)
      expect(await messenger.singlePublish(`free.${n}`, { n })).toMatchObject({ stored: false });
  };
  await within("forty subjects", publishAll());
});

test("many subjects that are heard live and not stored lose nothing, and hold up no other", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const live = new Set<string>();
  messenger.getCoreSubscriber("free.>", {}, ({ meta }) => live.add(meta.nats.subject));
  await messenger.connected(10_000);
  await messenger.connection?.flush();
  const sending = Array.from({ length: 300 }, (_, n) => messenger.singlePublish(`free.${n}`, { n }));
  expect(await messenger.singlePublish("night.a", { n: 0 })).toMatchObject({ stored: true, seq: 1 });
  const outcomes = await within("their outcomes", Promise.all(sending));
  expect(outcomes.every(({ stored }) => !stored)).toBe(true);
  await waitFor("the live messages", () => live.size === 300);
  expect(messenger.healthStatus).toMatchObject({ sent: 301, dropped: 0, buffered: 0 });
  expect(bench.log).toEqual([]);
});

test("when a stream comes that stores the subject, it has every message since, and that is told again", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher<{ n: number }>("later.a");
  expect(await publisher.publish({ n: 0 })).toMatchObject({ stored: false });
  await (await bench.bare.jetstreamManager()).streams.add({ name: "later", subjects: ["later.>"] });
  let n = 0;
  await waitFor("a message that is known to be stored", async () => (await publisher.publish({ n: ++n })).stored);
  const kept = await allOf(messenger.getReader<{ n: number }>("later.a", { nowait: true }));
  expect(kept).toEqual(Array.from({ length: n }, (_, at) => ({ n: at + 1 })));
});
