// The nats client, loaded when first needed, with one fault of its version 2.29.3 mended.

import type { ConnectionOptions } from "nats";

let mended = false;

/** What we add to the client's options. */
export interface DialOptions extends ConnectionOptions {
  /** An attempt to reach a server has failed: the client keeps to itself why it does not find its broker again. */
  onDialFailed?: (error: unknown) => void;
}

/**
 * The client gives up an attempt to connect after a while, but leaves its socket open when the other side has taken the
 * call and said nothing (a frozen broker, another program). Such sockets would add up, one every few seconds, and keep
 * a program from ending.
 */
export async function natsClient(): Promise<typeof import("nats")> {
  const { nats: client, NodeTransport } = await import("./nats-package.ts");
  if (!mended) {
    mended = true;
    const { close, connect } = NodeTransport.prototype;
    NodeTransport.prototype.connect = async function (this: InstanceType<typeof NodeTransport>, server, options) {
      try {
        return await connect.call(this, server, options);
      } catch (error) {
        const { onDialFailed }: DialOptions = options;
        onDialFailed?.(error);
        throw error;
      }
    };
    NodeTransport.prototype.close = function (this: InstanceType<typeof NodeTransport>, error?: Error) {
      // The declared type hides that there may be no socket yet.
      const socket: { destroy(): void } | undefined = this.socket;
      if (!this.connected) socket?.destroy();
      return close.call(this, error);
    };
  }
  return client;
}
