// A program that has a connection of its own already: its monitor uses it, and leaves it open.
import { connect } from "nats";
import { createMonitor, Status } from "ocabox-tcs/monitoring";

const connection = await connect({ servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222" });
const monitor = await createMonitor("plan_runner", { connection, subjectPrefix: "ocm.svc" });
monitor.setStatus(Status.OK, "tonight's plan is loaded");

await monitor.close("the night is over");
console.log(connection.isClosed() ? "closed" : "still open");
await connection.close();
