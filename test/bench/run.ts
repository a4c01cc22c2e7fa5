// Measurements of the compiled binary: start, memory, status, stop. Prints a table of medians.
// Usage: npm run bench [-- --runs 5]
import { connect } from "nats";
import { HOMES, type Home } from "../../src/config/types.ts";
import { spawnTcs, tcsBinary } from "../support/binary.ts";
import { startNats } from "../support/nats.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";
import { privateKb, pssKb } from "./memory.ts";
import { median, table } from "./table.ts";

const RUNS = Number(process.argv[process.argv.indexOf("--runs") + 1]) || 5;
const COUNTS = [1, 10, 50];

interface FleetFigures {
  okMs: number;
  stopMs: number;
  launcherMb: number;
  totalMb: number;
  privateMb: number;
  forced: number;
  statusMs: number;
}

function row(name: string, figures: number[], unit: string): string[] {
  const digits = Math.max(...figures) < 10 ? 2 : 1;
  return [name, ...[median(figures), Math.min(...figures), Math.max(...figures)].map((n) => n.toFixed(digits)), unit];
}

async function wholeProcess(args: string[], env: Record<string, string> = {}): Promise<number> {
  const start = performance.now();
  const child = Bun.spawn([tcsBinary(), ...args], {
    stdio: ["ignore", "ignore", "ignore"],
    env: { ...process.env, ...env },
  });
  await child.exited;
  return performance.now() - start;
}

/** A fleet of `count` hello_world services, from the start of `tcs run` to its end. */
async function measureFleet(home: Home, count: number): Promise<FleetFigures> {
  await using broker = await startNats();
  using folder = tempFolder("tcs-bench-");
  const rows = Array.from({ length: count }, (_, i) => `  - {type: hello_world, variant: n${i}}`).join("\n");
  await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n${rows}\n`);
  const connection = await connect({ servers: broker.url });
  const ok = new Set<string>();
  let forced = 0;
  const allOk = Promise.withResolvers<number>();
  connection.subscribe("svc.status.hello_world.>", {
    callback: (_, message) => {
      if (message.json<{ data: { status: string } }>().data.status !== "ok") return;
      ok.add(message.subject);
      if (ok.size === count) allOk.resolve(performance.now());
    },
  });
  connection.subscribe("svc.registry.stop.>", {
    callback: (_, message) => {
      if (message.json<{ data: { reason: string } }>().data.reason === "force_killed") forced++;
    },
  });
  await connection.flush();
  const start = performance.now();
  await using tcs = spawnTcs(["run", "--launcher", home], { cwd: folder.path });
  const okMs = (await within("all ok", allOk.promise)) - start;
  // Idle: start-up garbage has been given back.
  await Bun.sleep(1000);
  const launcherMb = pssKb([tcs.pid]) / 1024;
  const processes = [tcs.pid, ...childrenOf(tcs.pid)];
  const totalMb = pssKb(processes) / 1024;
  const privateMb = privateKb(processes) / 1024;
  const statusMs = await wholeProcess(["status", "--port", String(broker.port)]);
  const stopping = performance.now();
  tcs.signal("SIGTERM");
  await within("the end", tcs.exited);
  const stopMs = performance.now() - stopping;
  await connection.close();
  return { okMs, stopMs, launcherMb, totalMb, privateMb, forced, statusMs };
}

function childrenOf(pid: number): number[] {
  const { stdout } = Bun.spawnSync(["ps", "-o", "pid=", "--ppid", String(pid)]);
  return stdout.toString().split(/\s+/).filter(Boolean).map(Number);
}

async function times<T>(measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < RUNS; i++) results.push(await measure());
  return results;
}

const rows: string[][] = [];
await wholeProcess(["--version"]);
rows.push(row("tcs --version, whole process", await times(() => wholeProcess(["--version"])), "ms"));
rows.push(row("tcs --help, whole process", await times(() => wholeProcess(["--help"])), "ms"));
for (const home of HOMES) {
  const totals = new Map<number, number>();
  for (const count of COUNTS) {
    const figures = await times(() => measureFleet(home, count));
    const name = `${count} ${home}`;
    const of = (key: keyof FleetFigures) => figures.map((f) => f[key]);
    rows.push(row(`${name}: tcs run to all ok`, of("okMs"), "ms"));
    rows.push(row(`${name}: stop`, of("stopMs"), "ms"));
    rows.push(row(`${name}: force-killed`, of("forced"), ""));
    rows.push(row(`${name}: memory in all (PSS)`, of("totalMb"), "MB"));
    rows.push(row(`${name}: memory of the launcher (PSS)`, of("launcherMb"), "MB"));
    totals.set(count, median(of("totalMb")));
    if (count === 50) {
      // What one more costs: the launcher itself, and what is loaded once, drop out.
      const each = ((totals.get(50) ?? 0) - (totals.get(10) ?? 0)) / 40;
      rows.push(row(`${home}: memory of one more service (from 10 to 50)`, [each], "MB"));
    }
    rows.push(row(`${name}: tcs status, whole process`, of("statusMs"), "ms"));
  }
}
process.stdout.write(table(["measure", "median", "min", "max", ""], rows));
