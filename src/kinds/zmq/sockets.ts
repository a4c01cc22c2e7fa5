// What our ways in and out have in common: a socket at its addresses, what comes to it, what is told of its connections.
import type { Logger } from "../../common/logger.ts";
import type { SocketEvent } from "../../zmtp/events.ts";
import type { Message } from "../../zmtp/frame.ts";
import type { ReceivingSocket } from "../../zmtp/receiver.ts";
import type { ZmtpSocket } from "../../zmtp/socket.ts";
import type { Side } from "../transport.ts";
import { sidedAddress } from "./address.ts";

/** Where a socket is, and how to take it away from there. */
export interface Placed {
  addresses: readonly string[];
  /** No more comes from there. What has come is still to be read. */
  leave(): void;
}

/** Binds and connects a socket. @throws AddressError, ZmtpBindError, ZmtpUsageError; then it is closed */
export async function place(socket: ZmtpSocket, texts: readonly string[], usual: Side): Promise<Placed> {
  const placed: { side: Side; address: string }[] = [];
  try {
    for (const { side, address } of texts.map((text) => sidedAddress(text, usual))) {
      if (side === "connect") socket.connect(address);
      placed.push({ side, address: side === "bind" ? await socket.bind(address) : address });
    }
  } catch (error) {
    await socket.close();
    throw error;
  }
  return {
    addresses: placed.map(({ address }) => address),
    leave() {
      for (const { side, address } of placed) {
        if (side === "bind") socket.unbind(address);
        else socket.disconnect(address);
      }
    },
  };
}

/** The next message; once `leaving` is aborted, of those that have come by then, undefined when that is all. Never rejects. */
export async function nextOf(socket: ReceivingSocket, leaving: AbortSignal): Promise<Message | undefined> {
  if (leaving.aborted) return socket.tryReceive();
  try {
    return await socket.receive({ signal: leaving });
  } catch {
    // It is being closed, or the wait was ended: what has come by then is still to be taken.
    return socket.tryReceive();
  }
}

/** Tells what becomes of connections: failures of a kind once at each address, until there is a connection again. */
export function tellEvents(logger: Logger): (event: SocketEvent) => void {
  const told = new Set<string>();
  return (event) => {
    if (event.type === "connected") {
      told.clear();
      logger.debug(`zmq: ${event.remote} (${event.peer}) is connected at ${event.address}`);
    } else if (event.type === "disconnected") {
      logger.debug(
        `zmq: ${event.remote} is gone from ${event.address}${event.error ? `: ${event.error.message}` : ""}`,
      );
    } else if (event.type === "failed") {
      const { address, error } = event;
      // Not by its words: strangers that send rubbish never send the same.
      const kind = `${address} ${error.code}`;
      if (told.has(kind)) return;
      told.add(kind);
      // Nobody there yet is how things begin; what else is wrong needs somebody.
      const level = error.code === "E_ZMTP_CONNECT" ? "info" : "warning";
      const again = event.retryMs === undefined ? "" : "; it is tried again";
      const where = error.message.startsWith(address) ? "" : `${address}: `;
      logger[level](`zmq: ${where}${error.message}${again}`);
    }
  };
}
