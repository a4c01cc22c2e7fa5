// The programs in docs/examples run as they are, each with the status that its page tells of.
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startNats } from "../support/nats.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";
import { ROOT } from "./markdown.ts";

const FOLDER = join(ROOT, "docs/examples");
const EXAMPLES = {
  "weather.ts": { name: "weather", prefix: "svc", says: "", story: ["status ok", "status shutdown"] },
  "guider.ts": {
    name: "guider.jk15",
    prefix: "svc",
    says: "0.4 busy\n1.7 degraded\n0.5 busy\n",
    story: ["status ok", "status busy", "status degraded", "status busy", "status shutdown"],
  },
  "own_connection.ts": {
    name: "plan_runner",
    prefix: "ocm.svc",
    says: "still open\n",
    story: ["status ok", "status shutdown"],
  },
};

test("every example is tested", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(EXAMPLES).sort());
});

test.each(Object.entries(EXAMPLES))("%s", async (file, { name, prefix, says, story }) => {
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url, prefix);
  using folder = tempFolder();
  const program = Bun.spawn([process.execPath, join(FOLDER, file)], {
    env: { PATH: process.env.PATH, HOME: folder.path, TCS_STATE_DIR: folder.path, NATS_URL: broker.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([program.stdout.text(), program.stderr.text(), program.exited]);
  expect(await within(file, ended)).toEqual([says, "", 0]);
  await wire.waitForStatus(name, "shutdown");
  const told = wire.story(name).filter((one) => one !== "status unknown");
  expect(told).toEqual(story);
});
