// PUSH: each message goes to one peer, in turns.
import { Departures } from "./departures.ts";
import { encode } from "./encoder.ts";
import { type ZmtpClosedError, ZmtpFullError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { SocketOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { RoundRobin } from "./round-robin.ts";
import { ZmtpSocket } from "./socket.ts";
import type { Unsent } from "./unsent.ts";
import { Waiters } from "./waiters.ts";

export interface PushOptions extends SocketOptions {
  /** How long a send may wait for a peer with room, milliseconds. Default: without limit. */
  sendTimeoutMs?: number;
}

/**
 * Gives tasks to peers, each to one: to the next that has fewer than `highWaterMark` waiting. Where there is none, a send
 * waits. Nothing is dropped, but what the kernel has taken when a connection is lost may not arrive; what it has not
 * taken goes to another peer.
 */
export class Push extends ZmtpSocket {
  readonly #peers = new RoundRobin();
  readonly #departures = new Departures();
  readonly #waiting = new Waiters<readonly Frame[], void>();
  readonly #sendTimeoutMs: number | undefined;
  /** What lost connections have left: the next peer gets it before anything else. */
  #unsent: Unsent[] = [];

  constructor({ sendTimeoutMs, ...options }: PushOptions = {}) {
    super("PUSH", options);
    this.#sendTimeoutMs = sendTimeoutMs;
  }

  /** Messages given to peers. */
  get sent(): number {
    return this.#departures.sent;
  }

  /** Of those, the ones that lost connections have left for another peer. A closed socket has no other: they are lost. */
  get unsent(): number {
    return this.#unsent.reduce((sum, { messages }) => sum + messages, 0);
  }

  /**
   * Sends a message of one frame or more; settled when a peer has room for it. A frame given as bytes must not be changed
   * afterwards.
   * @throws ZmtpTimeoutError after `sendTimeoutMs`, ZmtpClosedError, ZmtpFullError when `highWaterMark` sends wait already
   */
  send(...frames: [Frame, ...Frame[]]): Promise<void> {
    return this.sendOr(undefined, frames);
  }

  /** As `send`; a message that waits is given up when `signal` is aborted, with its reason. */
  sendOr(signal: AbortSignal | undefined, frames: readonly Frame[]): Promise<void> {
    if (this.isClosed) return Promise.reject(this.closedError());
    if (this.#waiting.size === 0) {
      const peer = this.#peers.pick();
      if (peer) return this.#give(peer, frames);
    }
    const { highWaterMark } = this.settings;
    if (this.#waiting.size >= highWaterMark) {
      const hint = "await each send, or raise highWaterMark";
      return Promise.reject(new ZmtpFullError(`${highWaterMark} sends of the PUSH socket wait already`, { hint }));
    }
    const timeoutMs = this.#sendTimeoutMs;
    return this.#waiting.wait(frames, "waiting for a PULL peer with room", { timeoutMs, signal });
  }

  /** @internal */
  protected override onPeer(peer: Peer): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const left of unsent) peer.outbound.addUnsent(left);
    this.#peers.add(peer);
    this.#serve();
  }

  /** @internal */
  protected override onPeerGone(peer: Peer): void {
    this.#peers.remove(peer);
    this.#unsent.push(...peer.outbound.takeUnsent());
    const next = this.#unsent.length > 0 ? this.#peers.pick() : undefined;
    if (!next) return;
    for (const left of this.#unsent.splice(0)) next.outbound.addUnsent(left);
  }

  /** @internal */
  protected override onDrain(): void {
    this.#serve();
  }

  /** @internal */
  protected override onMessage(): void {
    // PULL peers send nothing; what comes all the same means nothing.
  }

  /** @internal */
  protected override onClose(error: ZmtpClosedError): void {
    this.#waiting.rejectAll(error);
  }

  #give(peer: Peer, frames: readonly Frame[]): Promise<void> {
    const message = encode(frames);
    this.#departures.add(peer, message);
    return this.#departures.pace(message.size);
  }

  /** Sends what waits, as far as there is room. */
  #serve(): void {
    for (let frames = this.#waiting.first; frames; frames = this.#waiting.first) {
      const peer = this.#peers.pick();
      if (!peer) return;
      // Its sender has waited already.
      void this.#give(peer, frames);
      this.#waiting.resolveNext();
    }
  }
}
