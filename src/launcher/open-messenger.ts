// The messenger of a launcher: its first connection to the broker, and what is told of later ones.
import { ensureStreams } from "../broker/index.ts";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { NatsSettings } from "../config/types.ts";
import { Messenger } from "../messaging/index.ts";

/** @param onPrepared called at every connection, when the streams are there and before anything is sent */
export function makeMessenger(
  settings: NatsSettings,
  name: string,
  { logger, onPrepared }: { logger: Logger; onPrepared: () => Promise<void> },
): Messenger {
  return new Messenger({
    settings,
    name,
    logger,
    prepare: async (connection) => {
      const { notes } = await ensureStreams(connection, settings.subjectPrefix);
      for (const note of notes) logger.warning(note);
      await onPrepared();
    },
  });
}

export interface OpenMessengerOptions {
  logger: Logger;
  /** Nothing starts without the broker. */
  required: boolean;
  /** The launcher ends: that the connection goes is no news. */
  isEnding: () => boolean;
  /** There is no connection, or no longer one. */
  onLost: () => void;
}

/** Resolves when the first attempt to connect is over; when the broker is required, only once it is there. */
export async function openMessenger(
  messenger: Messenger,
  { logger, required, isEnding, onLost }: OpenMessengerOptions,
): Promise<void> {
  let away = false;
  messenger.onStateChange((state) => {
    if (state === "disconnected") {
      away = true;
      if (!isEnding()) logger.warning("connection to the broker lost; reports are kept until it is back");
      onLost();
    } else if (state === "connected" && away) {
      away = false;
      logger.info("connected to the broker");
    }
  });
  const onWaiting = () => {
    away = true;
  };
  if (required) {
    await messenger.open({ onWaiting });
    return;
  }
  try {
    await messenger.open({ onWaiting });
    if (messenger.state === "connected") return;
    away = true;
    logger.warning(`${messenger.unreachable().message}; services run, reports are kept until it comes`);
    onLost();
  } catch (error) {
    logger.error(`messenger: ${describeError(error)}`);
  }
}
