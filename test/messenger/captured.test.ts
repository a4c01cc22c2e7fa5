// What the Python package has written once (serverish.json), read here: also where there is no Python.
import { expect, test } from "bun:test";
import samples from "./serverish.json" with { type: "json" };
import { allOf, openBench } from "./support.ts";

test("messages, journal entries and progress of the Python package are read", async () => {
  await using bench = await openBench();
  for (const { subject, payload } of samples) await bench.bare.jetstream().publish(subject, payload);
  const messenger = bench.messenger();
  const all = { deliverPolicy: "all", nowait: true } as const;
  expect(await allOf(messenger.getReader("night.wind", all))).toEqual([{ speed: 2.5, unit: "m/s" }]);
  expect(await allOf(messenger.getJournalReader("night.journal", all))).toMatchObject([
    { level: 20, message: "the dome opens", op: "publish" },
    { level: 25, message: "a notice with words" },
    { level: 30, message: "wind", explanation: "15 m/s", icon: "W", actions: ["acknowledge"] },
  ]);
  const tasks = await allOf(messenger.getProgressReader("night.progress", { ...all, stopWhenDone: false }));
  expect(tasks.map(({ completed, finished_time }) => [completed, finished_time !== null])).toEqual([
    [0, false],
    [1, false],
    [2, false],
    [3, true],
  ]);
  expect(bench.log).toEqual([]);
});

test("what is written here has the fields of what it has written, and no others", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const written: { subject: string; payload: string }[] = [];
  bench.bare.subscribe("night.>", {
    callback: (_, message) => void written.push({ subject: message.subject, payload: message.string() }),
  });
  await bench.bare.flush();
  const journal = messenger.getJournalPublisher("night.journal");
  journal.info("the dome opens");
  journal.warning("wind", { explanation: "15 m/s", icon: "W", actions: ["acknowledge"] });
  const progress = messenger.getProgressPublisher("night.progress");
  progress.advance(progress.addTask("exposing", { total: 1 }));
  await messenger.flush(10_000);
  await bench.bare.flush();
  const shapes = (messages: typeof written) =>
    new Set(messages.map(({ subject, payload }) => shapeOf(subject, payload)));
  const theirs = shapes(samples);
  const ours = [...shapes(written)];
  expect(ours.length).toBeGreaterThanOrEqual(4);
  expect(ours.filter((shape) => !theirs.has(shape))).toEqual([]);
});

/** Names of all fields, the kind of message, and its tags. */
function shapeOf(subject: string, payload: string): string {
  const { data, meta } = JSON.parse(payload) as { data: object; meta: { message_type: string; tags: string[] } };
  const fields = [data, meta].map((part) => Object.keys(part).sort().join(","));
  return [subject, ...fields, meta.message_type, ...meta.tags].join(" ");
}
