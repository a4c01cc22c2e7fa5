// Sockets that are read from: one message at a time, or as an async iterator.
import { ZmtpClosedError } from "./errors.ts";
import type { Message } from "./frame.ts";
import { Inbox, type Received } from "./inbox.ts";
import type { SocketOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { ZmtpSocket } from "./socket.ts";
import type { OwnSocketType } from "./socket-type.ts";
import type { WaitOptions } from "./waiters.ts";

export abstract class ReceivingSocket extends ZmtpSocket implements AsyncIterable<Message, void, void> {
  readonly #inbox = new Inbox((message) => this.isWanted(message));

  /** @internal */
  protected constructor(type: OwnSocketType, options: SocketOptions) {
    super(type, options);
  }

  /** Messages received. */
  get received(): number {
    return this.#inbox.received;
  }

  /**
   * The next message, as a list of frames.
   * @throws ZmtpTimeoutError after `timeoutMs`, ZmtpClosedError when the socket is closed
   */
  receive(options: WaitOptions = {}): Promise<Message> {
    const message = this.tryReceive();
    if (message) return Promise.resolve(message);
    if (this.isClosed) return Promise.reject(this.closedError());
    const what = `waiting for a message on the ${this.type} socket`;
    return this.#inbox.wait(options, what).then((received) => this.accept(received));
  }

  /** The next message if there is one already: for loops that must not wait. */
  tryReceive(): Message | undefined {
    if (this.isClosed) return undefined;
    const received = this.#inbox.take();
    return received && this.accept(received);
  }

  /** All messages from now on; ends when the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Message, void, void> {
    return {
      next: () => {
        const value = this.tryReceive();
        return value ? Promise.resolve({ done: false, value }) : this.#nextOrEnd();
      },
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  async #nextOrEnd(): Promise<IteratorResult<Message, void>> {
    try {
      return { done: false, value: await this.receive() };
    } catch (error) {
      if (error instanceof ZmtpClosedError) return { done: true, value: undefined };
      throw error;
    }
  }

  /** @internal Whether a message that has come is for anybody. */
  protected isWanted(_message: Message): boolean {
    return true;
  }

  /** @internal A message is about to be handed out. */
  protected accept({ message }: Received): Message {
    return message;
  }

  /** @internal */
  protected get isAwaited(): boolean {
    return this.#inbox.isAwaited;
  }

  /** @internal */
  protected override onMessage(peer: Peer, message: Message): void {
    peer.keep(message);
  }

  /** @internal */
  protected override onArrival(peer: Peer): void {
    this.#inbox.arrived(peer);
  }

  /** @internal */
  protected override onClose(error: ZmtpClosedError): void {
    this.#inbox.close(error);
  }
}
