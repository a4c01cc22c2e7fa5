// For monitoring tests: a sink that keeps what it is given.
import type { JsonObject } from "../../src/common/json.ts";
import { Logger } from "../../src/common/logger.ts";
import type { ReportSink } from "../../src/messaging/report-sink.ts";

export interface Report {
  subject: string;
  data: JsonObject;
}

export class KeepingSink implements ReportSink {
  readonly events: Report[] = [];
  readonly beats: Report[] = [];
  event(subject: string, data: JsonObject): void {
    this.events.push({ subject, data });
  }
  beat(subject: string, data: JsonObject): void {
    this.beats.push({ subject, data });
  }
}

/** A logger that keeps its lines. */
export function logbook(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return { logger: new Logger("test", (record) => lines.push(`${record.level}: ${record.message}`), "debug"), lines };
}
