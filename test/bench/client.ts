// The client with a fleet of 10,000 services: one reading, and following them while each beats every ten seconds.
// Usage: bun test/bench/client.ts [--runs 5]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect, type NatsConnection } from "nats";
import { ServiceControlClient } from "../../src/client/index.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { FakeFleet, LAUNCHER } from "../client/fleet.ts";
import { envelope, publishFleet } from "../client/publish.ts";
import { startNats } from "../support/nats.ts";
import { within } from "../support/wait.ts";
import { median, table } from "./table.ts";

const SERVICES = 10_000;
/** Each beats every ten seconds. */
const BEATS_PER_SECOND = SERVICES / 10;
const BEAT_MS = 20;
const FOLLOW_SECONDS = 15;

/** What a follower tells when it is done. */
interface FollowerFigures {
  startMs: number;
  /** Of one core. */
  cpuPercent: number;
  pssMb: number;
  updates: number;
  alive: number;
}

const idOf = (i: number) => `kind${i % 40}.n${i}`;

function largeFleet(): FakeFleet {
  const fleet = new FakeFleet().launcher();
  for (let i = 0; i < SERVICES; i++) {
    const id = idOf(i);
    fleet
      .event(id, "start", 3_600, { status: "startup", hostname: "vm", pid: 42 })
      .status(id, "ok", 3_599, { message: "Service running", parent: LAUNCHER })
      .heartbeat(id, (i * 7) % 10, { sequence: 360, uptime_seconds: 3_595 });
  }
  return fleet;
}

/** Sends the heartbeats of all, evenly, until stopped. */
function beat(connection: NatsConnection): () => void {
  let next = 0;
  const began = performance.now();
  const send = (id: string) =>
    connection.publish(
      `svc.heartbeat.${id}`,
      envelope({ service_id: id, status: "ok", timestamp: toWireTimestamp(), uptime_seconds: 3_600 + next / 1_000 }),
    );
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1_000) * BEATS_PER_SECOND;
    for (; next < due; next++) send(idOf(next % SERVICES));
    send(LAUNCHER);
  }, BEAT_MS);
  return () => clearInterval(timer);
}

async function follow(url: string): Promise<FollowerFigures> {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "client-follower.ts"), url, String(FOLLOW_SECONDS)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  // Written by client-follower.ts.
  return (await within("the follower", child.stdout.json(), 120_000)) as FollowerFigures;
}

export async function clients(runs: number): Promise<string[][]> {
  await using broker = await startNats();
  await publishFleet(broker.url, largeFleet());
  const connection = await connect({ servers: broker.url });
  const snapshots: number[] = [];
  const snapshotCpu: number[] = [];
  for (let i = 0; i < runs; i++) {
    const usage = process.cpuUsage();
    const { services, milliseconds } = await new ServiceControlClient(connection).readFleet();
    if (services.length !== SERVICES + 1) throw new Error(`read ${services.length} services`);
    snapshots.push(milliseconds);
    const { user, system } = process.cpuUsage(usage);
    snapshotCpu.push((user + system) / 1_000);
  }
  const stop = beat(connection);
  const followers: FollowerFigures[] = [];
  for (let i = 0; i < Math.min(runs, 3); i++) followers.push(await follow(broker.url));
  stop();
  await connection.close();
  const of = (key: keyof FollowerFigures) => followers.map((figures) => figures[key]);
  return [
    row("10,000 services: one reading (30,000 messages)", snapshots, "ms"),
    row("the same, CPU", snapshotCpu, "ms"),
    row("10,000 services: startFollowing", of("startMs"), "ms"),
    row(`10,000 services, ${BEATS_PER_SECOND} heartbeats/s: following`, of("cpuPercent"), "% of a core"),
    row("10,000 services: memory of the follower (PSS)", of("pssMb"), "MB"),
    row(
      "10,000 services: not alive after that",
      of("alive").map((alive) => SERVICES + 1 - alive),
      "",
    ),
    row("10,000 services: changes told meanwhile", of("updates"), ""),
  ];
}

function row(name: string, figures: number[], unit: string): string[] {
  return [name, ...[median(figures), Math.min(...figures), Math.max(...figures)].map((n) => n.toFixed(1)), unit];
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { runs: { type: "string" } } });
  process.stdout.write(table(["measure", "median", "min", "max", ""], await clients(Number(values.runs) || 5)));
}
