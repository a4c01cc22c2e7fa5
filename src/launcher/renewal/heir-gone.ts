// A successor that was killed cannot say that it is gone; its predecessor, which goes on, says it in its place.
import { hostname } from "node:os";
import type { ReportSink, Subjects } from "../../messaging/index.ts";
import { Status } from "../../monitoring/index.ts";
import { statusData } from "../../monitoring/wire.ts";

/** @param name the successor's monitor */
export function tellHeirGone(sink: ReportSink, subjects: Subjects, name: string, pid: number): void {
  const message = "Ended before it had taken everything over";
  const report = { name, status: Status.SHUTDOWN, message, time: Date.now() };
  sink.event(subjects.status(name), statusData(report, { pid, hostname: hostname() }));
}
