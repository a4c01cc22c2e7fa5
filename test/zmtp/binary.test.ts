// The sockets inside the executable: what a service file imports as "ocabox-tcs/zmtp".
import { expect, test } from "bun:test";
import { Subscriber } from "../../src/zmtp/index.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { LIMIT_MS } from "../support/wait.ts";

test("a service of the compiled binary publishes by ZeroMQ", async () => {
  using folder = tempFolder();
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const file = await folder.write(
    "wind.ts",
    `import { BaseBlockingPermanentService, service } from "ocabox-tcs";
import { Publisher } from "ocabox-tcs/zmtp";
@service
export class Wind extends BaseBlockingPermanentService {
  override async runService() {
    await using pub = new Publisher();
    await pub.bind("${address}");
    while (this.isRunning) {
      await pub.send("wind", "12.5");
      await this.sleep(0.02);
    }
  }
}
`,
  );
  const env = { ...process.env, TCS_STATE_DIR: folder.path };
  await using _ = spawnTcs(["service", file], { cwd: folder.path, env });
  await using sub = new Subscriber({ subscribe: ["wind"] });
  sub.connect(address);
  expect((await sub.receive({ timeoutMs: LIMIT_MS })).map(String)).toEqual(["wind", "12.5"]);
});

test("a test run by the binary may use them, too", async () => {
  using folder = tempFolder();
  await folder.write(
    "pull.test.ts",
    `import { expect, test } from "bun:test";
import { Pull, Push } from "ocabox-tcs/zmtp";
test("a task arrives", async () => {
  await using push = new Push();
  await using pull = new Pull();
  pull.connect(await push.bind("tcp://127.0.0.1:*"));
  await push.send("task");
  expect((await pull.receive()).map(String)).toEqual(["task"]);
});
`,
  );
  expect(await runTcs(["test"], { cwd: folder.path })).toMatchObject({ code: 0 });
});
