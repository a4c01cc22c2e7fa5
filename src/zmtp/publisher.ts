// PUB: every message goes to each subscriber that asked for its beginning.
import { Departures } from "./departures.ts";
import { encode } from "./encoder.ts";
import { type ZmtpClosedError, ZmtpLimitError, ZmtpUsageError } from "./errors.ts";
import type { Frame, Message } from "./frame.ts";
import type { SocketOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { PrefixTree } from "./prefix-tree.ts";
import { ZmtpSocket } from "./socket.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

export interface PublisherOptions extends SocketOptions {
  /** Bytes of subscriptions that one subscriber may have; it is disconnected beyond. Default 1 MiB. */
  maxSubscriptionBytes?: number;
}

/** A subscriber; `turn` is the last message that was given to it, so that it gets none twice. */
interface Subscriber {
  peer: Peer;
  subscriptionBytes: number;
  turn: number;
}

const DEFAULT_SUBSCRIPTION_BYTES = 1024 * 1024;
/** What a subscription takes besides its prefix. */
const SUBSCRIPTION_OVERHEAD = 32;

/**
 * Publishes. Never waits for anybody: a subscriber that has `highWaterMark` messages waiting gets no more until it has
 * read some; what it misses counts in `dropped`. Who is not connected, or has not subscribed yet, gets nothing.
 */
export class Publisher extends ZmtpSocket {
  readonly #maxSubscriptionBytes: number;
  readonly #subscribers = new Map<Peer, Subscriber>();
  readonly #subscriptions = new PrefixTree<Subscriber>();
  readonly #departures = new Departures();
  readonly #subscribed = new Waiters<Buffer, void>();
  #turn = 0;
  #dropped = 0;

  constructor({ maxSubscriptionBytes = DEFAULT_SUBSCRIPTION_BYTES, ...options }: PublisherOptions = {}) {
    super("PUB", options);
    if (!(maxSubscriptionBytes > 0)) {
      throw new ZmtpUsageError(`option maxSubscriptionBytes: expected a number above 0, got ${maxSubscriptionBytes}`);
    }
    this.#maxSubscriptionBytes = maxSubscriptionBytes;
  }

  /** Messages given to subscribers: one that goes to three counts three times. */
  get sent(): number {
    return this.#departures.sent;
  }

  /** Messages that a subscriber did not get because it is too slow, each subscriber counted. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Publishes a message of one frame or more; subscriptions are compared with the first. A frame given as bytes must
   * not be changed afterwards. What it returns is settled at once, but for a pause now and then in which sockets are
   * written to: whoever sends much and does not await it fills the queues.
   * @throws ZmtpClosedError
   */
  send(...frames: [Frame, ...Frame[]]): Promise<void> {
    if (this.isClosed) return Promise.reject(this.closedError());
    if (this.#subscribers.size === 0) return this.#departures.pace(0);
    const message = encode(frames);
    this.#turn += 1;
    this.#subscriptions.match(message.topic, message.topicStart, message.topicEnd, (subscriber) => {
      if (subscriber.turn === this.#turn) return;
      subscriber.turn = this.#turn;
      if (subscriber.peer.outbound.isFull()) this.#dropped += 1;
      else this.#departures.add(subscriber.peer, message);
    });
    return this.#departures.pace(message.size);
  }

  /**
   * Waits until somebody has subscribed to this topic or a beginning of it: what is published before is lost to it.
   * @throws ZmtpTimeoutError, ZmtpClosedError
   */
  async whenSubscribed(topic: Frame, options: WaitOptions = {}): Promise<void> {
    this.checkOpen();
    const bytes = Buffer.from(topic);
    if (this.#subscriptions.has(bytes)) return;
    await this.#subscribed.wait(bytes, "waiting for a subscriber", options);
  }

  /** @internal */
  protected override onPeer(peer: Peer): void {
    this.#subscribers.set(peer, { peer, subscriptionBytes: 0, turn: 0 });
  }

  /** @internal */
  protected override onPeerGone(peer: Peer): void {
    const subscriber = this.#subscribers.get(peer);
    if (!subscriber) return;
    this.#subscribers.delete(peer);
    this.#subscriptions.removeAll(subscriber);
    peer.outbound.takeUnsent();
  }

  /** @internal Subscriptions of ZMTP 3.0 are messages: a byte 1 or 0, then the prefix. Others are of no meaning. */
  protected override onMessage(peer: Peer, [frame, ...more]: Message): void {
    const kind = frame?.[0];
    if (frame && more.length === 0 && (kind === 0 || kind === 1))
      this.onSubscription(peer, frame.subarray(1), kind === 1);
  }

  /** @internal */
  protected override onSubscription(peer: Peer, prefix: Buffer, isNew: boolean): void {
    const subscriber = this.#subscribers.get(peer);
    if (!subscriber) return;
    const bytes = prefix.length + SUBSCRIPTION_OVERHEAD;
    if (!isNew) {
      if (this.#subscriptions.remove(prefix, subscriber) !== undefined) subscriber.subscriptionBytes -= bytes;
      return;
    }
    subscriber.subscriptionBytes += bytes;
    if (subscriber.subscriptionBytes > this.#maxSubscriptionBytes) {
      throw new ZmtpLimitError(`${peer.remote} has more than ${this.#maxSubscriptionBytes} bytes of subscriptions`);
    }
    this.#subscriptions.add(prefix, subscriber);
    this.#subscribed.resolveWhere((topic) => this.#subscriptions.has(topic), undefined);
  }

  /** @internal */
  protected override onClose(error: ZmtpClosedError): void {
    this.#subscribed.rejectAll(error);
  }
}
