// The stream of published lines, on whichever broker the fleet has.
import type { NatsConnection } from "nats";
import { ServiceControlClient } from "../../client/service-control-client.ts";
import { TcsError } from "../../common/errors.ts";
import type { NatsSettings } from "../../config/types.ts";
import {
  findLogStream,
  idsIn,
  type LogLine,
  type LogStreamFault,
  readStreamLogs,
  StreamFollower,
} from "../../logs/index.ts";
import { brokerUnreachable } from "../../messaging/connect-fault.ts";
import { connectOnce } from "../../messaging/connect-once.ts";
import { Link } from "../../messaging/link.ts";
import type { LogSource } from "./source.ts";

/** The broker does not store any log, or does not let it be read. */
export class NoLogStreamError extends TcsError {
  override readonly code = "E_NO_LOG_STREAM";
}

/**
 * @param keep stay connected, over restarts of the broker
 * @throws BrokerUnreachableError, NoLogStreamError
 */
export async function streamSource(settings: NatsSettings, keep: boolean): Promise<LogSource> {
  const line = keep ? await keepConnected(settings) : await connectNow(settings);
  const { connection } = line;
  const { subjectPrefix: prefix } = settings;
  const found = await findLogStream(connection, prefix);
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
        throw new TcsError(`cannot read the log from ${settings.servers.join(", ")}: ${history.message}`);
      after = history.after;
      return history.lines;
    },
    async follow(isSelected, onLines, signal) {
      const onLine = (told: LogLine) => {
        if (isSelected(told.id)) onLines([told]);
      };
      const follower = new StreamFollower({ prefix, subject: `${prefix}.log.>`, after, onLine });
      line.onUp((again) => follower.resume(again));
      follower.resume(connection);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      follower.stop();
    },
    close: () => line.close(),
  };
}

interface Line {
  connection: NatsConnection;
  /** Calls `listener` whenever the connection has come back. */
  onUp(listener: (connection: NatsConnection) => void): void;
  close(): void;
}

async function connectNow(settings: NatsSettings): Promise<Line> {
  const connection = await connectOnce(settings, "tcs logs");
  return { connection, onUp: () => undefined, close: () => void connection.close() };
}

async function keepConnected(settings: NatsSettings): Promise<Line> {
  let listener: ((connection: NatsConnection) => void) | undefined;
  let isAway = false;
  const say = (text: string) => process.stderr.write(`tcs: ${text}\n`);
  const link = new Link(settings, "tcs logs", {
    up(connection) {
      if (isAway) say("connected to the broker");
      isAway = false;
      listener?.(connection);
    },
    down() {
      isAway = true;
      say("connection to the broker lost; waiting for it");
    },
    refused: () => undefined,
    state: () => undefined,
  });
  await link.start();
  const { connection } = link;
  if (!connection || link.state !== "connected") {
    const why = link.lastError ?? "no answer";
    await link.close(0);
    throw brokerUnreachable(settings, why);
  }
  return {
    connection,
    onUp(then) {
      listener = then;
    },
    close: () => void link.close(0),
  };
}

function noStream({ reason, message }: LogStreamFault, settings: NatsSettings): NoLogStreamError {
  const hint =
    reason === "no_stream"
      ? "a launcher of this version makes it when it connects; on its host, tcs logs --local reads the files"
      : "on the launcher's host, tcs logs --local reads the files";
  return new NoLogStreamError(`no log at ${settings.servers.join(", ")}: ${message}`, { hint });
}
