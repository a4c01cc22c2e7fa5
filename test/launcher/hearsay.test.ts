// What a launcher does when others speak of services that are its own.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { Logger, type LogRecord } from "../../src/common/logger.ts";
import { Hearsay } from "../../src/launcher/hearsay.ts";
import { encode, MetaSource } from "../../src/messaging/envelope.ts";
import { Subjects } from "../../src/messaging/subjects.ts";
import { messengerTo } from "../messaging/support.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";

test("a service is told again when it is known whose it is, however often that was asked before", async () => {
  await using broker = await startNats();
  const bare = await connect({ servers: broker.url });
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  const said: LogRecord[] = [];
  const answers: boolean[] = [];
  const hearsay = new Hearsay({
    messenger,
    subjects: new Subjects("svc"),
    launcher: "launcher.ours",
    logger: new Logger("tcs", (record) => void said.push(record)),
    correct: () => {
      const isOurs = answers.length > 0;
      answers.push(isOurs);
      return isOurs;
    },
  });
  try {
    hearsay.watch("dome.main");
    await messenger.connection?.flush();
    const data = { name: "dome.main", status: "ok", parent: "launcher.theirs" };
    bare.publish("svc.status.dome.main", encode({ data, meta: new MetaSource("theirs").next("status") }));
    await waitFor("the truth", () => answers.at(-1) === true);
    expect(answers).toEqual([false, true]);
    expect(said.map(({ message }) => message)).toEqual([
      "launcher.theirs has spoken of dome.main, which runs here: its state is told again",
    ]);
  } finally {
    hearsay.close();
  }
  await bare.close();
});
