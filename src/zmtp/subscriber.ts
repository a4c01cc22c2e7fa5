// SUB: gets what begins with a prefix that it asked for.

import { encode } from "./encoder.ts";
import type { Frame, Message } from "./frame.ts";
import type { SocketOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { PrefixTree } from "./prefix-tree.ts";
import { ReceivingSocket } from "./receiver.ts";

const SUBSCRIBE = 1;
const CANCEL = 0;

/** Options of a subscriber. */
export interface SubscriberOptions extends SocketOptions {
  /** Prefixes to subscribe to from the beginning; `""` is everything. */
  subscribe?: readonly Frame[];
}

/**
 * Receives what publishers send whose first frame begins with a prefix that was subscribed to; without a subscription
 * nothing comes. When `highWaterMark` messages of a publisher wait here, no more are read, until its own mark is reached
 * and it drops.
 */
export class Subscriber extends ReceivingSocket {
  readonly #subscriptions = new PrefixTree<true>();

  constructor({ subscribe = [], ...options }: SubscriberOptions = {}) {
    super("SUB", options);
    this.subscribe(...subscribe);
  }

  /**
   * Subscribes, at all publishers, those of later too. `"state"` is the beginning of `state`, `state.dome` and
   * `statement`: a prefix knows no words. The same prefix subscribed to twice has to be unsubscribed twice.
   */
  subscribe(...prefixes: readonly Frame[]): void {
    for (const prefix of prefixes.map((frame) => Buffer.from(frame))) {
      if (this.#subscriptions.add(prefix, true)) this.#tellAll(SUBSCRIBE, prefix);
    }
  }

  /** Takes subscriptions back; those that are not there are ignored. What has come and was not taken is not given out. */
  unsubscribe(...prefixes: readonly Frame[]): void {
    for (const prefix of prefixes.map((frame) => Buffer.from(frame))) {
      if (this.#subscriptions.remove(prefix, true)) this.#tellAll(CANCEL, prefix);
    }
  }

  /** @internal */
  protected override onPeer(peer: Peer): void {
    for (const prefix of this.#subscriptions.prefixes()) tell(peer, SUBSCRIBE, prefix);
    peer.outbound.flush();
  }

  /** @internal */
  protected override isWanted([topic]: Message): boolean {
    return topic !== undefined && this.#subscriptions.has(topic);
  }

  #tellAll(kind: number, prefix: Buffer): void {
    for (const peer of this.connectedPeers) {
      tell(peer, kind, prefix);
      peer.outbound.flush();
    }
  }
}

/** Beside the high-water mark: a subscription must not be lost. */
function tell(peer: Peer, kind: number, prefix: Buffer): void {
  peer.outbound.add(encode([Buffer.concat([Buffer.from([kind]), prefix])]));
}
