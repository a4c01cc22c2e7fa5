// A bound address: takes connections, each of which becomes a peer.
import { describeError } from "../common/errors.ts";
import { formatAddress, type TcpAddress } from "./address.ts";
import { ZmtpBindError } from "./errors.ts";
import type { Carrier, Peer } from "./peer.ts";
import { carrierOf, type Held, PEER_HANDLERS } from "./tcp.ts";

export interface Listener {
  /** With the port that was taken. */
  address: string;
  /** Takes no more connections; those there are stay. */
  stop(): void;
}

/** @throws ZmtpBindError */
export function listen(address: TcpAddress, admit: (carrier: Carrier, address: string) => Peer): Listener {
  let bound = formatAddress(address);
  try {
    const server = Bun.listen<Held>({
      hostname: address.host,
      port: address.port,
      socket: {
        ...PEER_HANDLERS,
        open(socket) {
          const remote = formatAddress({ host: socket.remoteAddress, port: socket.remotePort });
          socket.data = { peer: undefined };
          socket.data.peer = admit(carrierOf(socket, remote), bound);
        },
      },
    });
    bound = formatAddress({ host: address.host, port: server.port });
    return { address: bound, stop: () => server.stop() };
  } catch (error) {
    throw bindError(bound, error);
  }
}

function bindError(address: string, cause: unknown): ZmtpBindError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") {
    const hint = "stop what listens there, or bind to another port; port * takes a free one";
    return new ZmtpBindError(`${address}: the address is in use`, { cause, hint });
  }
  if (code === "EADDRNOTAVAIL") return new ZmtpBindError(`${address}: this host has no such address`, { cause });
  if (code === "EACCES") return new ZmtpBindError(`${address}: this port is not allowed to this user`, { cause });
  return new ZmtpBindError(`${address}: cannot listen there: ${describeError(cause)}`, { cause });
}
