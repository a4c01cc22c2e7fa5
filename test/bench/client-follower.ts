// A program that does nothing but follow a fleet, for client.ts: tells what that cost.
import { connect } from "nats";
import { ServiceControlClient } from "../../src/client/index.ts";
import { pssKb } from "./memory.ts";

const [, , url = "", seconds = "10"] = process.argv;
const connection = await connect({ servers: url });
const client = new ServiceControlClient(connection);
let updates = 0;
client.onServiceUpdate = () => {
  updates += 1;
};
const began = performance.now();
await client.startFollowing();
const startMs = performance.now() - began;
// The garbage of the start is not what following costs.
await Bun.sleep(2_000);
const usage = process.cpuUsage();
const from = performance.now();
await Bun.sleep(Number(seconds) * 1_000);
const { user, system } = process.cpuUsage(usage);
const cpuPercent = (user + system) / 10 / (performance.now() - from);
const alive = client.getCurrentServices().filter(({ heartbeatState }) => heartbeatState === "alive").length;
const pssMb = pssKb([process.pid]) / 1_024;
process.stdout.write(JSON.stringify({ startMs, cpuPercent, pssMb, updates, alive }));
client.stopFollowing();
await connection.close();
