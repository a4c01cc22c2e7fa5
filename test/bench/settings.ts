// Values that are set on the broker: from the moment that it is sent one until every service of a launcher has it.
import { OWN_HOMES } from "../../src/config/types.ts";
import { type Change, measureChange } from "./live-config.ts";
import { times, timeTcs } from "./run-tcs.ts";
import { row } from "./table.ts";

const COUNT = 200;

/** As another program writes it, which has a connection. */
const byBroker: Change = async ({ connection }) => {
  const began = performance.now();
  await connection
    .jetstream()
    .publish("$KV.tcs_config.type.dial", JSON.stringify({ fields: { value: 2 }, by: "bench" }));
  return began;
};

/** As a person does it: the start of the command counts, too. */
const byCommand: Change = async ({ port }) => {
  const began = performance.now();
  await timeTcs(["config", "set", "dial", "value=2", "--force", "--port", String(port)]);
  return began;
};

/** One value for all services of a launcher, by home. */
export async function settings(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of OWN_HOMES.filter((one) => one !== "process")) {
    const figures = await times(runs, async () => ({
      told: await measureChange(home, COUNT, "live", byBroker),
      restarted: await measureChange(home, COUNT, "restart", byBroker),
      command: await measureChange(home, COUNT, "live", byCommand),
    }));
    const add = (name: string, key: "told" | "restarted" | "command") =>
      rows.push(
        row(
          `${COUNT} ${home}: all have a value of the broker, ${name}`,
          figures.map((one) => one[key]),
          "ms",
        ),
      );
    add("told", "told");
    add("restarted", "restarted");
    add("told, by tcs config set", "command");
  }
  return rows;
}
