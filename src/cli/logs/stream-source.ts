// The stream of published lines, on whichever broker the fleet has.
import { ServiceControlClient } from "../../client/service-control-client.ts";
import type { NatsSettings } from "../../config/types.ts";
import { idsIn, linesTo, readStreamLogs } from "../../logs/index.ts";
import { findStream, type StreamFault } from "../../messaging/find-stream.ts";
import { StreamUnreadableError } from "../../messaging/stream-error.ts";
import { StreamFollower } from "../../messaging/stream-follower.ts";
import { openLine } from "../line.ts";
import type { LogSource } from "./source.ts";

/**
 * The broker does not store any log, or does not let it be read.
 * @cause The broker has no stream of logs, or does not let this user read it.
 * @remedy Start a launcher, which makes the stream; on the launcher's host "tcs logs --local" reads the files.
 * @example no log at nats://127.0.0.1:4222: the broker runs without JetStream
 */
export class NoLogStreamError extends StreamUnreadableError {
  override readonly code = "E_NO_LOG_STREAM";
}

/**
 * @param keep stay connected, over restarts of the broker
 * @throws BrokerUnreachableError, NoLogStreamError
 */
export async function streamSource(settings: NatsSettings, keep: boolean): Promise<LogSource> {
  const line = await openLine(settings, "tcs logs", keep);
  const { connection } = line;
  const { subjectPrefix: prefix } = settings;
  const found = await findStream(connection, prefix, "log");
  if (!found.ok) {
    line.close();
    throw noStream(found, settings);
  }
  // What is stored later is told by follow().
  let after = found.lastSeq;
  return {
    ids: await idsIn(connection, found, prefix),
    async otherIds() {
      const client = new ServiceControlClient(connection, { subjectPrefix: prefix });
      return (await client.readFleet()).services.map(({ serviceId }) => serviceId);
    },
    async read(ids, filter, count) {
      const history = await readStreamLogs({ connection, stream: found, prefix, ids, filter, count });
      if (!history.ok)
        throw new StreamUnreadableError(`cannot read the log from ${settings.servers.join(", ")}: ${history.message}`);
      after = history.after;
      return history.lines;
    },
    async follow(isSelected, onLines, signal) {
      const onMessage = linesTo((told) => {
        if (isSelected(told.id)) onLines([told]);
      });
      const subject = `${prefix}.log.>`;
      const follower = new StreamFollower({ prefix, kind: "log", subject, after, onMessage });
      line.onUp((again) => follower.resume(again));
      follower.resume(connection);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      follower.stop();
    },
    close: () => line.close(),
  };
}

function noStream({ reason, message }: StreamFault, settings: NatsSettings): NoLogStreamError {
  const hint =
    reason === "no_stream"
      ? "a launcher of this version makes it when it connects; on its host, tcs logs --local reads the files"
      : "on the launcher's host, tcs logs --local reads the files";
  return new NoLogStreamError(`no log at ${settings.servers.join(", ")}: ${message}`, { hint });
}
