// Topics over ZeroMQ: PUB and SUB, one frame `<topic> <json>`.
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { countOf } from "../../common/plural.ts";
import { decodeTopicMessage, encodeTopicMessage, type TopicMessage } from "../../zmtp/experimance.ts";
import type { Message } from "../../zmtp/frame.ts";
import { Publisher } from "../../zmtp/publisher.ts";
import { Subscriber } from "../../zmtp/subscriber.ts";
import { beginningOf } from "../topics.ts";
import type { Inlet, InletOptions, Outlet } from "../transport.ts";
import { nextOf, place, tellEvents } from "./sockets.ts";

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
  /** Undefined for what cannot be read, which is told, and for what was not asked for: a beginning of bytes brings more. */
  const read = ([frame = Buffer.alloc(0)]: Message): TopicMessage | undefined => {
    try {
      const heard = decodeTopicMessage(frame);
      return patternOf(heard.topic) === undefined ? undefined : heard;
    } catch (error) {
      lost(describeError(error));
      return undefined;
    }
  };
  const leaving = new AbortController();
  const reading = (async () => {
    for (let next = await nextOf(socket, leaving.signal); next; next = await nextOf(socket, leaving.signal)) {
      const heard = read(next);
      if (heard) await take(heard.topic, heard.message);
    }
  })();
  return {
    addresses: placed.addresses,
    async close(limitMs) {
      placed.leave();
      leaving.abort();
      await settlesIn(limitMs, reading);
      let left = 0;
      for (let next = socket.tryReceive(); next; next = socket.tryReceive()) if (read(next)) left += 1;
      if (left > 0) lost(`${countOf(left, "message")} not handled before the stop`, left);
      await socket.close();
    },
  };
}
