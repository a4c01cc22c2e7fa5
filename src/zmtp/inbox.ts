// Messages that have come, taken from one peer after the other, so that none is kept waiting by a busier one.
import type { Message } from "./frame.ts";
import type { Peer } from "./peer.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

export interface Received {
  message: Message;
  peer: Peer;
}

export class Inbox {
  /** Peers that have messages; their connections may have ended meanwhile. */
  readonly #ready: Peer[] = [];
  #turn = 0;
  readonly #waiters = new Waiters<undefined, Received>();
  readonly #isWanted: (message: Message) => boolean;
  /** A message is being taken: its peer may read on meanwhile, and tell that more has come. */
  #isTaking = false;
  /** Messages taken. */
  received = 0;

  /** @param isWanted messages that are not are thrown away when their turn comes */
  constructor(isWanted: (message: Message) => boolean) {
    this.#isWanted = isWanted;
  }

  /** Somebody waits for a message. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** A peer has messages. */
  arrived(peer: Peer): void {
    if (!this.#ready.includes(peer)) this.#ready.push(peer);
    // Whoever takes goes on to the next: to take it here would be to take it for the same waiter.
    if (this.#isTaking) return;
    while (this.#waiters.size > 0) {
      const received = this.take();
      if (!received) return;
      this.#waiters.resolveNext(received);
    }
  }

  take(): Received | undefined {
    for (;;) {
      if (this.#turn >= this.#ready.length) this.#turn = 0;
      const peer = this.#ready[this.#turn];
      if (!peer) return undefined;
      this.#isTaking = true;
      const message = peer.take();
      this.#isTaking = false;
      if (peer.waiting > 0) this.#turn += 1;
      else this.#ready.splice(this.#turn, 1);
      if (!message || !this.#isWanted(message)) continue;
      this.received += 1;
      return { message, peer };
    }
  }

  wait(options: WaitOptions, what: string): Promise<Received> {
    return this.#waiters.wait(undefined, what, options);
  }

  /** Nobody is to wait any more. */
  close(error: Error): void {
    this.#waiters.rejectAll(error);
  }
}
