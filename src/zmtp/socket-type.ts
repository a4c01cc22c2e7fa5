// The types of sockets, and which go together.

/** Names as they are on the wire. XPUB, XSUB, DEALER and ROUTER are known as peers only. */
export type SocketType = "PUB" | "SUB" | "XPUB" | "XSUB" | "PUSH" | "PULL" | "REQ" | "REP" | "DEALER" | "ROUTER";

/** The types that this room offers. */
export type OwnSocketType = "PUB" | "SUB" | "PUSH" | "PULL" | "REQ" | "REP";

const PEERS: Record<OwnSocketType, readonly SocketType[]> = {
  PUB: ["SUB", "XSUB"],
  SUB: ["PUB", "XPUB"],
  PUSH: ["PULL"],
  PULL: ["PUSH"],
  REQ: ["REP", "ROUTER"],
  REP: ["REQ", "DEALER"],
};

/** The types that may be at the other end of a socket of type `own`. */
export function peersOf(own: OwnSocketType): readonly SocketType[] {
  return PEERS[own];
}

/** The peer type that `name` means, if one of these may talk to `own`. */
export function asPeerOf(own: OwnSocketType, name: string): SocketType | undefined {
  return PEERS[own].find((type) => type === name);
}
