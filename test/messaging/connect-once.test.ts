// A connection for one question: its limit, by time in which the process itself can listen.
import { expect, test } from "bun:test";
import { connectOnce } from "../../src/messaging/connect-once.ts";
import { startNats } from "../support/nats.ts";

const settings = (url: string) => ({ servers: [url], required: false, origin: "the test", subjectPrefix: "svc" });

test("a broker that answers while the process itself stands still is there", async () => {
  await using broker = await startNats();
  // What is loaded at the first time is there by then.
  await (await connectOnce(settings(broker.url), "test")).close();
  const attempt = connectOnce(settings(broker.url), "test", 600);
  for (let turn = 0; turn < 3; turn++) {
    await Bun.sleep(0);
    Bun.sleepSync(400);
  }
  const connection = await attempt;
  expect(connection.isClosed()).toBe(false);
  await connection.close();
});

test("one that takes connections and says nothing is given up after the limit", async () => {
  using mute = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const begun = performance.now();
  const attempt = connectOnce(settings(`nats://127.0.0.1:${mute.port}`), "test", 300);
  await expect(attempt).rejects.toThrow(/no NATS broker at .*: no answer within 0\.3 s/);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(290);
});
