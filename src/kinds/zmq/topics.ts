// Topics over ZeroMQ: PUB and SUB, one frame `<topic> <json>`.
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { decodeTopicMessage, encodeTopicMessage } from "../../zmtp/experimance.ts";
import { Publisher } from "../../zmtp/publisher.ts";
import { Subscriber } from "../../zmtp/subscriber.ts";
import { beginningOf } from "../topics.ts";
import type { Inlet, InletOptions, Outlet } from "../transport.ts";
import { place, tellEvents } from "./sockets.ts";

export async function openOutlet(addresses: readonly string[], logger: Logger): Promise<Outlet> {
  const socket = new Publisher({ onEvent: tellEvents(logger) });
  const placed = await place(socket, addresses, "bind");
  let dropped = 0;
  return {
    addresses: placed.addresses,
    async publish(topic, message) {
      await socket.send(encodeTopicMessage(topic, message));
      if (socket.dropped > dropped && dropped === 0) {
        logger.warning("zmq: a subscriber is too slow: it does not get all messages");
      }
      dropped = socket.dropped;
    },
    close: () => socket.close(),
  };
}

export async function openInlet(options: InletOptions, logger: Logger): Promise<Inlet> {
  const { addresses, patterns, patternOf, take, lost } = options;
  // The blank after a whole topic keeps longer ones away already at the publisher.
  const subscribe = patterns.map(beginningOf).map(({ text, isWhole }) => (isWhole ? `${text} ` : text));
  const socket = new Subscriber({ subscribe, onEvent: tellEvents(logger) });
  const placed = await place(socket, addresses, "connect");
  const receive = async (frame: Buffer): Promise<void> => {
    try {
      const { topic, message } = decodeTopicMessage(frame);
      // A beginning of bytes brings more than was asked for.
      if (patternOf(topic) !== undefined) await take(topic, message);
    } catch (error) {
      lost(describeError(error));
    }
  };
  const reading = (async () => {
    for await (const [frame] of socket) if (frame) await receive(frame);
  })();
  return {
    addresses: placed.addresses,
    async close(limitMs) {
      await socket.close();
      await settlesIn(limitMs, reading);
    },
  };
}
