// Everything that a soak has at hand: the fleet, its hosts and broker, what really runs, and what is wanted.
import { join } from "node:path";
import { canMakeHosts } from "../support/hosts.ts";
import { startNats } from "../support/nats.ts";
import { CutOffs } from "./cut-off.ts";
import { Desired } from "./desired.ts";
import { Disks } from "./disks.ts";
import { Disturbances } from "./disturbances.ts";
import { Ears } from "./ears.ts";
import { FleetFiles } from "./fleet/files.ts";
import { fleetRows, LAUNCHERS, type LauncherName, type Row } from "./fleet/rows.ts";
import { Host } from "./host.ts";
import type { Crash } from "./invariants/events.ts";
import { Journal } from "./journal.ts";
import { Link } from "./link.ts";
import { Operator } from "./operator.ts";
import { MARK, Processes, type SeenProcess } from "./processes.ts";
import { Recoveries } from "./recoveries.ts";
import { Slowness } from "./slowness.ts";
import { type Instance, Witness } from "./witness.ts";

/** @param folder of the run: everything it writes is there */
export async function makeWorld(folder: string) {
  const stack = new AsyncDisposableStack();
  try {
    const rows = fleetRows();
    const broker = stack.use(await startNats());
    const witness = stack.use(new Witness());
    const disks = stack.use(await Disks.open(folder, LAUNCHERS, canMakeHosts));
    const links = new Map<LauncherName, Link>();
    const ports = new Map<LauncherName, number>();
    for (const name of LAUNCHERS) {
      const link = stack.use(new Link(broker.port));
      links.set(name, link);
      ports.set(name, await link.open());
    }
    const files = new FleetFiles(folder, rows, ports);
    const run = `${process.pid}-${crypto.randomUUID()}`;
    const hosts = new Map<LauncherName, Host>();
    for (const name of LAUNCHERS) {
      const env = { [MARK]: `${run}/${name}`, TCS_SOAK_WITNESS: String(witness.port) };
      const host = stack.use(new Host({ name, folder, disks, config: files.path(name), env }));
      hosts.set(name, host);
      await host.boot();
    }
    const ears = stack.use(await Ears.open(broker.url));
    const processes = new Processes(run);
    let seen: readonly SeenProcess[] = [];
    const world = {
      folder,
      rows,
      broker,
      witness,
      disks,
      files,
      ears,
      journal: new Journal(join(folder, "journal.log")),
      desired: new Desired(),
      disturbances: new Disturbances(),
      cutOffs: new CutOffs(),
      slowness: stack.use(new Slowness()),
      operator: new Operator(broker.port),
      recoveries: new Recoveries(witness, ears),
      /** Told of each service that is made to crash. */
      onCrash: (_: Crash): void => undefined,

      host: (name: LauncherName): Host => existing(hosts, name),
      link: (name: LauncherName): Link => existing(links, name),
      /** What was seen of the fleet's processes at the last look. */
      seen: () => seen,
      lookAtProcesses(): void {
        seen = processes.look();
      },
      /** The process of an instance, as seen from here; of a service in a thread that of its launcher. */
      processOf({ host, pid }: Instance): SeenProcess | undefined {
        world.lookAtProcesses();
        return seen.find(({ launcher, innerPid }) => launcher === host && innerPid === pid);
      },
      /** Ids that are to run all the time, of rows that `fits`. */
      wanted(fits: (row: Row) => boolean = () => true): string[] {
        const runs = ({ id, kind, isListed }: Row) =>
          isListed && kind !== "periodic" && world.desired.of(id).want === "run";
        return rows.filter((row) => runs(row) && fits(row)).map(({ id }) => id);
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
    return world;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

export type World = Awaited<ReturnType<typeof makeWorld>>;

function existing<K, T>(map: ReadonlyMap<K, T>, key: K): T {
  const found = map.get(key);
  if (found === undefined) throw new Error(`there is no ${key}`);
  return found;
}
