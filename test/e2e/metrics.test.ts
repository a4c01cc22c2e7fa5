// Metrics for Prometheus, of the executable: by a command, and by a fleet's own configuration.
import { expect, test } from "bun:test";
import { parseExposition, promtoolComplaints } from "../metrics/support.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";

const scrape = async (port: number) => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());

const labelled = (samples: Map<string, number>, name: string, ...labels: string[]) =>
  [...samples].filter(([key]) => key.startsWith(`${name}{`) && labels.every((label) => key.includes(label)));

test("tcs metrics tells of the fleet, of a crash, and of the broker's absence", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: dome, launcher: process, restart: always, restart_sec: 0}\n",
    files: {
      "dome.ts": serviceFile(
        `onStart() { this.monitor.addMetricCb(() => ({ wind: 3.5, gust: Number.NaN })); } ${LOOP}`,
      ),
    },
  });
  await fleet.wire.waitForEvent("ready", "dome.main");
  const port = await freePort();
  await using metrics = spawnTcs(["metrics", "--port", String(port), "--host", fleet.broker.url]);
  await metrics.waitForLine(/metrics at http:\/\/127\.0\.0\.1:\d+\/metrics/);
  const dome = 'service_id="dome.main"';
  const samples = await waitFor("the service", async () => {
    const all = await scrape(port);
    return labelled(all, "tcs_service_metric", dome).length > 0 ? all : undefined;
  });
  expect(labelled(samples, "tcs_service_status", dome, 'status="ok"', 'type="dome"', 'variant="main"')).toHaveLength(1);
  expect(
    labelled(samples, "tcs_service_metric", dome).map(([key, value]) => [/metric="(\w+)"/.exec(key)?.[1], value]),
  ).toEqual([["wind", 3.5]]);
  expect(labelled(samples, "tcs_service_starts_total", dome)[0]?.[1]).toBe(1);
  expect(labelled(samples, "tcs_service_crashes_total", dome)[0]?.[1]).toBe(0);
  expect(labelled(samples, "tcs_launcher_answers")[0]?.[1]).toBe(1);

  const [start] = fleet.wire.of("registry.start", "dome.main");
  process.kill(Number(start?.data.pid), "SIGKILL");
  await waitFor(
    "the crash to be told",
    async () => labelled(await scrape(port), "tcs_service_crashes_total", dome)[0]?.[1] === 1,
  );

  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/secret`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: "POST" })).status).toBe(405);
  await fleet.broker.kill();
  await waitFor("the outage to be told", async () => (await scrape(port)).get("tcs_broker_up") === 0);
  await fleet.broker.start();
  await waitFor("the return to be told", async () => (await scrape(port)).get("tcs_broker_up") === 1);
  metrics.signal("SIGINT");
  expect(await metrics.exited).toBe(130);
}, 90_000);

test("a fleet with metrics: in its configuration tells of itself only; a port that is taken is no reason not to run", async () => {
  const port = await freePort();
  const yaml = (type: string) => `metrics: ${port}\nservices:\n  - {type: ${type}, launcher: inline}\n`;
  await using fleet = await runFleet({ yaml: yaml("dome"), files: { "dome.ts": serviceFile(LOOP) } });
  await fleet.wire.waitForEvent("ready", "dome.main");
  await using other = await runFleet({
    yaml: yaml("mount"),
    files: { "mount.ts": serviceFile(LOOP) },
    broker: fleet.broker,
  });
  await other.wire.waitForEvent("ready", "mount.main");
  await other.tcs.waitForLine(/cannot serve metrics on 127\.0\.0\.1:\d+: another program has this port/);
  const samples = await waitFor("the service", async () => {
    const all = await scrape(port);
    return labelled(all, "tcs_service_status").length > 0 ? all : undefined;
  });
  expect(labelled(samples, "tcs_service_status").map(([key]) => /service_id="([^"]+)"/.exec(key)?.[1])).toEqual([
    "dome.main",
  ]);
  expect(labelled(samples, "tcs_launcher_status")).toHaveLength(1);
  expect(await fleet.stop()).toBe(143);
}, 60_000);

test("--once prints them, and fails when there is no broker", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: dome, launcher: inline}\n",
    files: { "dome.ts": serviceFile(LOOP) },
  });
  await fleet.wire.waitForEvent("ready", "dome.main");
  const { code, stdout, stderr } = await runTcs(["metrics", "--once", "--host", fleet.broker.url]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(labelled(parseExposition(stdout), "tcs_service_status")).toHaveLength(1);
  expect(await promtoolComplaints(stdout)).toBe("");
  await fleet.broker.kill();
  expect((await runTcs(["metrics", "--once", "--host", fleet.broker.url])).code).toBe(4);
}, 60_000);

test("a port that is taken, or is none, is told in a line", async () => {
  using taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  const { code, stderr } = await runTcs(["metrics", "--port", String(taken.port)]);
  expect(code).toBe(1);
  expect(stderr).toContain(`tcs: cannot serve metrics on 127.0.0.1:${taken.port}: another program has this port`);
  expect((await runTcs(["metrics", "--port", "many"])).code).toBe(2);
});
