// PULL: takes what PUSH peers send.
import type { SocketOptions } from "./options.ts";
import { ReceivingSocket } from "./receiver.ts";

/**
 * Receives tasks, from all its peers in turns. When `highWaterMark` messages of a peer wait here, no more are read, and
 * that peer's sends wait in the end.
 */
export class Pull extends ReceivingSocket {
  constructor(options: SocketOptions = {}) {
    super("PULL", options);
  }
}
