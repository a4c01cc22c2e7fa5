// Many services in a crash loop, with no delay: they take turns, and the operator is heard.
import { expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { runTcs } from "../support/binary.ts";
import { runFleet, serviceFile } from "../support/fleet.ts";
import { waitFor } from "../support/wait.ts";
import type { WireLog } from "../support/wire.ts";

const COUNT = 20;
const IDS = Array.from({ length: COUNT }, (_, n) => `crasher.n${n}`);
/** The least pause between two restarts, milliseconds. */
const PAUSE_MS = 40;
/** The longest that a start may keep the others waiting, as restart-turns.ts has it, milliseconds. */
const LONGEST_TURN_MS = 200;

interface Event {
  event: string;
  id: string;
  /** By the launcher's clock, milliseconds. */
  time: number;
}

function registryEvents(wire: WireLog): Event[] {
  return wire.records.flatMap(({ data }) => {
    if (typeof data.event !== "string" || typeof data.service_id !== "string") return [];
    const [y = 0, month = 0, day = 0, h = 0, m = 0, s = 0, us = 0] = data.timestamp as number[];
    const time = Date.UTC(y, month - 1, day, h, m, s) + us / 1000;
    return [{ event: data.event, id: data.service_id, time }];
  });
}

/** Restarts that began while another was under way, and not for too long. */
function overlaps(events: readonly Event[]): string[] {
  const found: string[] = [];
  let current: Event | undefined;
  for (const event of events) {
    if (event.id === current?.id && (event.event === "ready" || event.event === "crashed")) current = undefined;
    if (event.event !== "restarting") continue;
    // The clock of events is not the one that turns are measured by: a few milliseconds of slack.
    if (current && event.time - current.time < LONGEST_TURN_MS - 5) found.push(`${event.id} beside ${current.id}`);
    current = event;
  }
  return found;
}

for (const home of OWN_HOMES) {
  test(`${home}: of ${COUNT} services that crash at once and for ever one at a time is started, each in its turn, and the operator is heard`, async () => {
    const rows = IDS.map(
      (id) => `  - {type: crasher, variant: ${id.split(".")[1]}, restart: always, restart_sec: 0}\n`,
    );
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: hello_world, variant: well}\n${rows.join("")}`,
      files: { "crasher.ts": serviceFile('async runService() { throw new Error("boom"); }') },
      args: ["--launcher", home, "--quiet"],
    });
    const { wire, broker } = fleet;
    const restarts = (id?: string) =>
      registryEvents(wire).filter(({ event, id: other }) => event === "restarting" && (id ?? other) === other);
    await wire.waitForStatus("hello_world.well", "ok");
    await waitFor("four rounds", () => restarts().length >= 4 * COUNT);
    const soFar = registryEvents(wire);
    expect(overlaps(soFar)).toEqual([]);
    const times = soFar.filter(({ event }) => event === "restarting").map(({ time }) => time);
    const spanMs = Math.max(...times) - Math.min(...times);
    expect(spanMs / (times.length - 1)).toBeGreaterThan(PAUSE_MS - 2);
    const counts = IDS.map((id) => soFar.filter((e) => e.event === "restarting" && e.id === id).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);

    const port = String(broker.port);
    const status = await runTcs(["status", "--json", "--port", port]);
    const shown: { service_id: string; status: string }[] = JSON.parse(status.stdout).services;
    expect(shown.find(({ service_id }) => service_id === "hello_world.well")?.status).toBe("ok");
    const stopped = await runTcs(["stop", "crasher.n3", "hello_world.well", "--port", port]);
    expect(stopped).toMatchObject({ code: 0, stderr: "" });
    await wire.flush();
    const before = restarts("crasher.n3").length;
    const all = restarts().length;
    await waitFor("two more rounds", () => restarts().length >= all + 2 * COUNT);
    expect(restarts("crasher.n3").length).toBe(before);
    expect(wire.of("registry.start", "hello_world.well")).toHaveLength(1);
    expect(await fleet.stop()).toBe(143);
  });
}
