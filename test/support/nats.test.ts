import { expect, test } from "bun:test";
import { connect } from "nats";
import { startNats } from "./nats.ts";

test("a test broker starts, is killed, and starts again on its port", async () => {
  await using broker = await startNats();
  for (let i = 0; i < 2; i++) {
    const nc = await connect({ servers: broker.url });
    expect((await (await nc.jetstreamManager()).getAccountInfo()).streams).toBe(0);
    await nc.close();
    await broker.kill();
    await broker.start();
  }
});
