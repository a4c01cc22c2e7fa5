// TCP by Bun: what carries the bytes of a peer, and says when it has ended.
import type { Socket, SocketHandler } from "bun";
import { ZmtpPeerLostError } from "./errors.ts";
import type { Carrier, Peer } from "./peer.ts";

/** What hangs on each of Bun's sockets. */
export interface Held {
  peer: Peer | undefined;
}

export type TcpSocket = Socket<Held>;

/** @param remote how the other end is called in messages */
export function carrierOf(socket: TcpSocket, remote: string): Carrier {
  return {
    write: (bytes, offset, length) => socket.write(bytes, offset, length),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => void socket.end(),
    terminate: () => socket.terminate(),
    remote,
  };
}

/** The events of a connection, handed to its peer. */
export const PEER_HANDLERS = {
  binaryType: "buffer",
  data: ({ data }, chunk) => data.peer?.received(chunk),
  drain: ({ data }) => data.peer?.drained(),
  close: ({ data }, error) => ended(data, error),
  error: ({ data }, error) => ended(data, error),
} satisfies SocketHandler<Held>;

function ended({ peer }: Held, error: (Error & { code?: string }) | undefined): void {
  if (!peer) return;
  const why = error
    ? new ZmtpPeerLostError(`the connection to ${peer.remote} was lost: ${error.code ?? error.message}`)
    : undefined;
  peer.closed(why);
}
