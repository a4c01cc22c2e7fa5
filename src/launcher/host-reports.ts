// What hosts tell that concerns no runner: lines, secrets, and reports on their way to NATS.
import type { LogSink } from "../common/logger.ts";
import type { FromHost } from "../host/protocol.ts";
import type { ReportSink } from "../messaging/report-sink.ts";

export interface HostReportsOptions {
  /** Where reports go. */
  sink: ReportSink;
  log: LogSink;
  /** Texts that must not be shown, from now on. */
  onSecrets?: (values: readonly string[]) => void;
}

/** @returns takes the messages of all hosts, and passes on what is a report */
export function hostReports({ sink, log, onSecrets }: HostReportsOptions): (message: FromHost) => void {
  return (message) => {
    switch (message.kind) {
      case "log":
        for (const record of message.records) log(record);
        return;
      case "secrets":
        onSecrets?.(message.values);
        return;
      case "event":
        sink.event(message.subject, message.data);
        return;
      case "beat":
        sink.beat(message.subject, message.data);
        return;
      default:
        return;
    }
  };
}
