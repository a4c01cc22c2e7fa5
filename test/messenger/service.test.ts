// `this.messenger` of services, in every home of the executable; and `tcs progress`.
import { expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { HAS_TMUX, openTerminal } from "../support/tmux.ts";
import { waitFor, within } from "../support/wait.ts";
import { allOf, openBench } from "./support.ts";

const SERVICE = `
import { BaseBlockingPermanentService, service } from "ocabox-tcs";

@service
export class Weather extends BaseBlockingPermanentService {
  async onStart() {
    this.messenger.getRpcResponder<{ a: number }>(\`weather.\${this.id}\`, {}, ({ data }) => ({ twice: data.a * 2 }));
    await this.messenger.connected(10_000);
  }
  async runService() {
    const progress = this.messenger.getProgressPublisher(\`svc.progress.\${this.id}\`);
    const task = progress.addTask("measuring", { total: 4, id: this.id });
    progress.advance(task);
    await this.messenger.singlePublish("night.weather", { by: this.id });
    while (this.isRunning) await this.sleep(60);
  }
  onStop() {
    void this.messenger.singlePublish("night.weather", { by: this.id, last: true });
  }
}
`;

const ROWS = ["inline", "worker", "process"].map((home) => `  - {type: weather, variant: ${home}, launcher: ${home}}`);

test("a service publishes, answers and tells progress in every home, and its last words are sent", async () => {
  await using bench = await openBench();
  const manager = await bench.bare.jetstreamManager();
  await manager.streams.add({ name: "progress", subjects: ["svc.progress.>"] });
  using folder = tempFolder();
  const made = await runTcs(["new", "service", "weather"], { cwd: folder.path });
  expect(made).toMatchObject({ code: 0 });
  const file = (await Array.fromAsync(new Bun.Glob("**/weather.ts").scan(folder.path)))[0] ?? "";
  await folder.write(file, SERVICE);
  const nats = `nats: {url: "${bench.broker.url}"}`;
  await folder.write("services.yaml", [nats, "services:", ...ROWS, ""].join("\n"));
  await using fleet = spawnTcs(["run", "--config", "services.yaml"], { cwd: folder.path });
  const messenger = bench.messenger();
  const reader = messenger.getReader<{ by: string; last?: true }>("night.weather");
  const senders = new Set<string>();
  while (senders.size < 3) {
    const received = await within("the services' messages", reader.next());
    senders.add(`${received?.data.by} ${received?.meta.sender}`);
  }
  const ids = ["weather.inline", "weather.process", "weather.worker"];
  expect([...senders].sort()).toEqual(ids.map((id) => `${id} ${id}`));
  for (const id of ids) {
    expect(await messenger.request(`weather.${id}`, { a: 21 })).toMatchObject({
      data: { twice: 42 },
      meta: { sender: id },
    });
  }
  const progress = ["progress", "--once", "--config", "services.yaml"];
  const shown = await waitFor("the progress of all", async () => {
    const { code, stdout } = await runTcs(progress, { cwd: folder.path });
    return code === 0 && stdout.match(/1\/4/g)?.length === 3 && stdout;
  });
  expect(shown.split("\n")[0]).toMatch(/^measuring +[━#]{6}[─-]{18} +1\/4 .* svc\.progress\.weather\.inline$/);
  const json = await runTcs([...progress, "--json"], { cwd: folder.path });
  expect(JSON.parse(json.stdout.split("\n")[0] ?? "")).toMatchObject({
    id: "weather.inline",
    percentage: 25,
    total: 4,
  });
  fleet.signal("SIGTERM");
  await within("the end of the fleet", fleet.exited);
  const last = (
    await allOf(messenger.getReader<{ by: string; last?: true }>("night.weather", { nowait: true }))
  ).filter(({ last }) => last);
  expect(last.map(({ by }) => by).sort()).toEqual(ids);
});

test("tcs progress ends at once when there is no broker, or the subject is none", async () => {
  using folder = tempFolder();
  const at = ["--host", "127.0.0.1", "--port", String(await freePort())];
  const away = await runTcs(["progress", ...at], { cwd: folder.path });
  expect(away).toMatchObject({ code: 4, stdout: "" });
  expect(away.stderr).toContain("no NATS broker at");
  for (const subject of ["a b", "a..b", "a.>.b"]) {
    const { code, stderr } = await runTcs(["progress", subject, ...at], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain(`"${subject}" is no subject: `);
  }
});

test("tcs progress shows live what no stream stores, and says so; --once says that there is no stream", async () => {
  await using bench = await openBench();
  using folder = tempFolder();
  const at = ["--host", "127.0.0.1", "--port", String(bench.broker.port)];
  await using live = spawnTcs(["progress", "free.tasks", "--json", ...at], { cwd: folder.path });
  await live.waitForLine(/no stream on this broker stores free.tasks: what is told from now on is shown/);
  const progress = bench.messenger().getProgressPublisher("free.tasks");
  const line = live.waitForLine(/"description":"slewing"/);
  const task = progress.addTask("slewing", { total: null });
  // Until its subscription is there, which nobody tells.
  const again = setInterval(() => progress.advance(task), 100);
  await line;
  clearInterval(again);
  live.signal("SIGINT");
  expect(await live.exited).toBe(130);
  const once = await runTcs(["progress", "free.tasks", "--once", ...at], { cwd: folder.path });
  expect(once).toMatchObject({ code: 1, stdout: "" });
  expect(once.stderr).toContain("no stream on this broker stores free.tasks");
});

test.skipIf(!HAS_TMUX)("tcs progress writes a line for each change where lines cannot be drawn again", async () => {
  await using bench = await openBench();
  await using terminal = await openTerminal({ columns: 120 });
  await terminal.shows(/[$#]/);
  await terminal.type(`TERM=dumb tcs progress free.tasks --host 127.0.0.1 --port ${bench.broker.port}\n`);
  await terminal.shows(/what is told from now on is shown/);
  const progress = bench.messenger().getProgressPublisher("free.tasks");
  const task = progress.addTask("slewing", { total: null });
  const again = setInterval(() => progress.advance(task), 100);
  await terminal.shows(/slewing[\s\S]*slewing/);
  clearInterval(again);
});
