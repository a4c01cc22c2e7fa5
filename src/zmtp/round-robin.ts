// Peers that take turns: the next one that has room.
import type { Peer } from "./peer.ts";

export class RoundRobin {
  readonly #peers: Peer[] = [];
  #next = 0;

  add(peer: Peer): void {
    this.#peers.push(peer);
  }

  remove(peer: Peer): void {
    const index = this.#peers.indexOf(peer);
    if (index < 0) return;
    this.#peers.splice(index, 1);
    if (index < this.#next) this.#next -= 1;
  }

  /** The next peer below its high-water mark. */
  pick(): Peer | undefined {
    for (let tried = 0; tried < this.#peers.length; tried++) {
      if (this.#next >= this.#peers.length) this.#next = 0;
      const peer = this.#peers[this.#next];
      this.#next += 1;
      if (peer && !peer.outbound.isFull()) return peer;
    }
    return undefined;
  }
}
