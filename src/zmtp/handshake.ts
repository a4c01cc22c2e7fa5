// The beginning of a connection: greetings, then READY from both sides (mechanism NULL).
import { type Command, parseReady, parseRefusal, ready } from "./command.ts";
import { ZmtpHandshakeError, ZmtpPeerTypeError } from "./errors.ts";
import { asPeerOf, type OwnSocketType, peersOf, type SocketType } from "./socket-type.ts";

/** How we introduce ourselves. */
export function introduction(own: OwnSocketType): Buffer {
  return ready(own === "REQ" ? { "Socket-Type": own, Identity: "" } : { "Socket-Type": own });
}

/**
 * Judges the first command of a peer.
 * @returns its type
 * @throws ZmtpPeerTypeError if its socket does not go with ours, ZmtpHandshakeError if it refuses us
 */
export function judgeIntroduction(own: OwnSocketType, { name, body }: Command): SocketType {
  if (name === "ERROR")
    throw new ZmtpHandshakeError(`the peer refused the connection: ${parseRefusal(body) || "no reason given"}`);
  if (name !== "READY")
    throw new ZmtpHandshakeError(`the peer's first command is ${JSON.stringify(name)}, expected READY`);
  const type = parseReady(body).get("socket-type") ?? "";
  const peer = asPeerOf(own, type);
  if (peer) return peer;
  throw new ZmtpPeerTypeError(
    `the peer is a socket of type ${type === "" ? "(none)" : JSON.stringify(type)}, expected ${peersOf(own).join(" or ")}`,
    {
      hint: `ours is of type ${own}: are the two sides of the connection the right way round?`,
    },
  );
}
