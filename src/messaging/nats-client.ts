// The nats client, loaded when first needed, with one fault of its version 2.29.3 mended.

let mended = false;

/**
 * The client gives up an attempt to connect after a while, but leaves its socket open when the other side has taken the
 * call and said nothing (a frozen broker, another program). Such sockets would add up, one every few seconds, and keep
 * a program from ending.
 */
export async function natsClient(): Promise<typeof import("nats")> {
  const [client, { NodeTransport }] = await Promise.all([import("nats"), import("nats/lib/src/node_transport.js")]);
  if (!mended) {
    mended = true;
    const { close } = NodeTransport.prototype;
    NodeTransport.prototype.close = function (this: InstanceType<typeof NodeTransport>, error?: Error) {
      // The declared type hides that there may be no socket yet.
      const socket: { destroy(): void } | undefined = this.socket;
      if (!this.connected) socket?.destroy();
      return close.call(this, error);
    };
  }
  return client;
}
