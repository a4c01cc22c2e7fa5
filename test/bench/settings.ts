// Values that are set on the broker: from the moment that it has them until every service of a launcher has them too.
import { HOMES, type Home } from "../../src/config/types.ts";
import { waitFor } from "../support/wait.ts";
import { rowsOf, startLiveFleet } from "./live-fleet.ts";
import { times, timeTcs } from "./run-tcs.ts";
import { row } from "./table.ts";

const COUNT = 200;
const LIMIT_MS = 60_000;

async function measureChange(home: Home, count: number): Promise<{ allMs: number; setMs: number }> {
  await using fleet = await startLiveFleet(`services:\n${rowsOf("hello_world", count, "interval: 60")}`, {
    args: ["--launcher", home],
  });
  await fleet.allOk(count);
  const { connection } = fleet;
  const began = performance.now();
  const value = JSON.stringify({ fields: { interval: 50 }, by: "bench" });
  await connection.jetstream().publish("$KV.tcs_config.type.hello_world", value);
  await waitFor("every service with the new value", () => fleet.count("ready") >= 2 * count, LIMIT_MS);
  const allMs = performance.now() - began;
  const setMs = await timeTcs(["config", "set", "hello_world", "interval=40", "--port", String(fleet.port)]);
  return { allMs, setMs };
}

/** One value for 200 services, by home, that are restarted for it. */
export async function settings(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of HOMES.filter((one) => one !== "process")) {
    const figures = await times(runs, () => measureChange(home, COUNT));
    rows.push(
      row(
        `${COUNT} ${home}: a value for all of them, until all are ready again`,
        figures.map(({ allMs }) => allMs),
        "ms",
      ),
      row(
        `${COUNT} ${home}: tcs config set, whole process`,
        figures.map(({ setMs }) => setMs),
        "ms",
      ),
    );
  }
  return rows;
}
