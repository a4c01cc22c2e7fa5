// New values for services that run: from the reload to the last service that has them, told or restarted.
import { join } from "node:path";
import { type Home, OWN_HOMES } from "../../src/config/types.ts";
import { within } from "../support/wait.ts";
import { type LiveFleet, rowsOf, startLiveFleet } from "./live-fleet.ts";
import { times } from "./run-tcs.ts";
import { row } from "./table.ts";

const DIAL = `import { BasePermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";

const Config = BaseServiceConfig.extend({ value: z.number().default(0) });

@service({ config: Config })
export class Dial extends BasePermanentService<typeof Config> {
  onConfigChange() {}
}
`;

interface RegistryData {
  event: string;
  service_id: string;
  config_change?: { result: string };
}

/** Gives all dials another value. @returns when that was done, by `performance.now()` */
export type Change = (fleet: LiveFleet, yaml: (value: number) => string) => Promise<number>;

/** From the signal, sent as soon as the file is written. */
const byFile: Change = async (fleet, yaml) => {
  await Bun.write(join(fleet.folder, "services.yaml"), `nats: {port: ${fleet.port}}\n${yaml(2)}`);
  const began = performance.now();
  fleet.tcs.signal("SIGHUP");
  return began;
};

/** @returns milliseconds from the change to the last service that has its new value */
export async function measureChange(
  home: Home,
  count: number,
  how: "live" | "restart",
  change: Change = byFile,
): Promise<number> {
  const yaml = (value: number) => `services:\n${rowsOf("dial", count, `value: ${value}, config_reload: ${how}`)}`;
  await using fleet = await startLiveFleet(yaml(1), { args: ["--launcher", home], files: { "dial.ts": DIAL } });
  await fleet.allOk(count);
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const stopped = new Set<string>();
  const changed = new Set<string>();
  fleet.connection.subscribe("svc.registry.>", {
    callback: (_, message) => {
      const { data } = message.json<{ data: RegistryData }>();
      const { event, service_id: id } = data;
      if (event === "stop") stopped.add(id);
      // What it was before has been ready, too.
      if (data.config_change?.result === "applied" || (event === "ready" && stopped.has(id))) changed.add(id);
      if (changed.size === count) resolve();
    },
  });
  await fleet.connection.flush();
  const began = await change(fleet, yaml);
  await within("the last change", done, 60_000);
  return performance.now() - began;
}

export async function changes(runs: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const home of OWN_HOMES) {
    for (const count of home === "process" ? [1, 50] : [1, 50, 200]) {
      const figures = await times(runs, async () => ({
        told: await measureChange(home, count, "live"),
        restarted: await measureChange(home, count, "restart"),
      }));
      const name = `${count} ${home}: all have new values`;
      const of = (key: "told" | "restarted") => figures.map((one) => one[key]);
      rows.push(row(`${name}, told`, of("told"), "ms"), row(`${name}, restarted`, of("restarted"), "ms"));
    }
  }
  return rows;
}
