// A fleet whose configuration is several files: named one by one, a folder, or included.
import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { listenToWire } from "../support/wire.ts";

const SERVICE = `
import { BaseBlockingPermanentService, BaseServiceConfig, service, Status } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({ message: z.string().default("") });
@service({ config: Config })
export class Thing extends BaseBlockingPermanentService<typeof Config> {
  async runService() {
    this.monitor.setStatus(Status.OK, "with " + this.config.message);
    while (this.isRunning) await this.sleep(1000);
  }
}
`;

async function confD(broker: TestBroker): Promise<TempFolder> {
  const folder = tempFolder();
  await folder.write("conf.d/00-broker.yaml", `nats: {port: ${broker.port}}\ndefaults: {restart: on-failure}\n`);
  await folder.write("conf.d/10-dome.yaml", "services:\n  - type: dome\n    message: a\n");
  await folder.write("conf.d/dome.ts", SERVICE);
  return folder;
}

const WIND = "services:\n  - type: wind\n    module: ./dome.ts\n    message: b\n";

test("a folder is run; what is added to it comes with a reload, and a contradiction changes nothing", async () => {
  await using broker = await startNats();
  using folder = await confD(broker);
  await using wire = await listenToWire(broker.url);
  await using tcs = spawnTcs(["run", "--config", "conf.d"], { cwd: folder.path });
  await tcs.waitForLine(/1 of 1 service running/);
  const reload = () => runTcs(["reload", "--config", "conf.d"], { cwd: folder.path });

  await folder.write("conf.d/20-wind.yaml", WIND);
  expect(await reload()).toMatchObject({ code: 0, stderr: "" });
  await wire.waitFor("the new service", ({ data }) => data.message === "with b");

  const again = await folder.write("conf.d/30-again.yaml", "nats: {port: 1}\nservices: [hello_world, dome]\n");
  const refused = await reload();
  expect(refused.code).toBe(5);
  const others = `${folder.path}/conf.d`;
  expect(refused.stderr).toContain(
    `${again}:1:1: nats: given other values than another file, expected the same as in ${others}/00-broker.yaml:1, or only one of them`,
  );
  expect(refused.stderr).toContain(
    `${again}:2:25: services[1]: given dome.main a second time, expected each service once; it stands in ${others}/10-dome.yaml:2 already`,
  );
  expect(wire.story("hello_world.main")).toEqual([]);
  expect(await runTcs(["run", "--config", "conf.d/"], { cwd: folder.path })).toMatchObject({ code: 5 });
});

test("a second launcher of the same folder, or of the same first file, is told who has it", async () => {
  await using broker = await startNats();
  using folder = await confD(broker);
  await folder.write("conf.d/20-wind.yaml", WIND);
  const files = ["--config", "conf.d/10-dome.yaml", "-c", "conf.d/00-broker.yaml", "--config=conf.d/20-wind.yaml"];
  await using tcs = spawnTcs(["run", ...files], { cwd: folder.path });
  await tcs.waitForLine(/2 of 2 services running/);
  const env = { TCS_STATE_DIR: tcs.stateDir };
  expect(await runTcs(["run", ...files.slice(0, 4)], { cwd: folder.path, env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("conf.d/10-dome.yaml is already run by a launcher on this host"),
  });
  expect(await runTcs(["run", "--config", "conf.d"], { cwd: folder.path, env })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/all 2 services are run by launcher .*conf\.d\/10-dome\.yaml/),
  });
});

test("what fits no schema is told with the file it stands in, and so is what cannot be loaded", async () => {
  await using broker = await startNats();
  using folder = await confD(broker);
  await folder.write("conf.d/20-wind.yaml", WIND.replace("message: b", "message: [1]"));
  await folder.write("services.yaml", "include: conf.d\nservices:\n  - type: hello_world\n    intervall: 3\n");
  expect((await runTcs(["run", "--check"], { cwd: folder.path })).stderr.split("\n")).toEqual([
    "conf.d/20-wind.yaml:4:14: wind.main.message: given a list of 1, expected text",
    'services.yaml:4:5: hello_world.main.intervall: given an unknown field, expected one of interval, message (did you mean "interval"?)',
    "",
  ]);
});

test("--dev follows every file, new ones too", async () => {
  await using broker = await startNats();
  using folder = await confD(broker);
  await folder.write("services.yaml", "include: [conf.d, more/*.yaml]\n");
  mkdirSync(join(folder.path, "more"));
  await using wire = await listenToWire(broker.url);
  await using tcs = spawnTcs(["run", "--dev"], { cwd: folder.path });
  await tcs.waitForLine(/1 of 1 service running/);
  await folder.write("more/hello.yaml", "services: [hello_world]\n");
  await wire.waitForStatus("hello_world.main", "ok");
  await folder.write("conf.d/10-dome.yaml", "services:\n  - type: dome\n    message: new\n");
  await wire.waitFor("the new value", ({ data }) => data.message === "with new");
});

test("the broker of a folder is found by other commands; an option that counts once is not taken twice", async () => {
  await using broker = await startNats();
  using folder = await confD(broker);
  await using tcs = spawnTcs(["run", "--config", "conf.d"], { cwd: folder.path });
  await tcs.waitForLine(/1 of 1 service running/);
  expect((await runTcs(["status", "--config", "conf.d"], { cwd: folder.path })).stdout).toContain("dome.main");
  expect(await runTcs(["status", "-c", "conf.d", "--config", "conf.d"], { cwd: folder.path })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("option --config is given twice"),
  });
});
