// How much of a log is published, and what becomes of the rest.
import { expect, test } from "bun:test";
import { LogPublisher } from "../../src/logs/publisher.ts";
import type { OfferedLine } from "../../src/messaging/line-carrier.ts";
import { Subjects } from "../../src/messaging/subjects.ts";
import { waitFor } from "../support/wait.ts";
import { record } from "./support.ts";

class Carrier {
  isReady = true;
  accepts = true;
  readonly offers: OfferedLine[][] = [];
  async offer(lines: readonly OfferedLine[]): Promise<boolean> {
    this.offers.push([...lines]);
    return this.accepts;
  }
  get messages(): string[] {
    return this.offers.flat().map(({ data }) => String(data.message));
  }
}

function start() {
  const carrier = new Carrier();
  return { carrier, publisher: new LogPublisher({ carrier, subjects: new Subjects("ocm.svc") }) };
}

test("a line is published under its level and id, soon", async () => {
  const { carrier, publisher } = start();
  publisher.push("dome.main", record("hello", { level: "error" }));
  await waitFor("the offer", () => carrier.offers.length > 0);
  expect(carrier.offers[0]).toMatchObject([
    { subject: "ocm.svc.log.error.dome.main", data: { service_id: "dome.main", level: "error", message: "hello" } },
  ]);
});

test("a flood is summed up in one line, and what was last is published", async () => {
  const { carrier, publisher } = start();
  for (let n = 0; n < 10_000; n++) publisher.push("dome.main", record(`${n}`));
  publisher.push("cam.main", record("quiet"));
  await publisher.flush(1_000);
  expect(carrier.messages).toContain("quiet");
  expect(carrier.messages[0]).toMatch(
    /^9800 lines not published \(more than 50 a second\): they are in the log files of /,
  );
  expect(carrier.messages.length).toBeLessThan(250);
  await waitFor("the last line", () => carrier.messages.includes("9999"));
});

test("while the broker is away the last lines are kept, and told when it is back", async () => {
  const { carrier, publisher } = start();
  carrier.isReady = false;
  for (let n = 0; n < 300; n++) publisher.push("dome.main", record(`${n}`));
  await publisher.flush(1_000);
  expect(carrier.offers).toEqual([]);
  carrier.isReady = true;
  await publisher.flush(1_000);
  expect(carrier.messages[0]).toMatch(/^100 lines not published \(the broker was away\)/);
  await waitFor("the last line", () => carrier.messages.includes("299"));
  expect(carrier.messages.slice(1)).toEqual(Array.from({ length: 200 }, (_, n) => `${100 + n}`));
});

test("lines that the broker has not confirmed are offered again, in order, under the same ids", async () => {
  const { carrier, publisher } = start();
  carrier.accepts = false;
  for (let n = 0; n < 5; n++) publisher.push("dome.main", record(`${n}`));
  await publisher.flush(1_000);
  carrier.accepts = true;
  publisher.push("dome.main", record("5"));
  await publisher.flush(1_000);
  const [first = [], second = []] = carrier.offers;
  expect(second.slice(0, 5)).toEqual(first);
  expect(second.map(({ data }) => data.message)).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(new Set(second.map(({ id }) => id)).size).toBe(6);
});

test("a service that says little is heard, however many say more than all may together", async () => {
  const { carrier, publisher } = start();
  const flood = () => {
    for (let id = 0; id < 30; id++) for (let n = 0; n < 200; n++) publisher.push(`s${id}.main`, record("much"));
  };
  flood();
  publisher.push("quiet.main", record("quiet"));
  await waitFor(
    "the quiet one",
    () => {
      flood();
      return carrier.messages.includes("quiet");
    },
    10_000,
  );
});

test("a long message is cut, and counts for several", async () => {
  const { carrier, publisher } = start();
  for (let n = 0; n < 200; n++) publisher.push("dome.main", record("x".repeat(100_000)));
  await publisher.flush(1_000);
  expect(carrier.messages.length).toBeLessThan(30);
  for (const message of carrier.messages) expect(message.length).toBeLessThan(4_100);
});
