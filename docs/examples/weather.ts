// The smallest: status, heartbeats and health of a program, until it ends.
import { createMonitor, Status } from "ocabox-tcs/monitoring";

await using monitor = await createMonitor("weather");
monitor.setStatus(Status.OK, "measuring");
