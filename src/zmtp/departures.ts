// Messages that leave: gathered over a turn of the event loop, so that many small ones are one write.
import type { Encoded } from "./encoder.ts";
import type { Peer } from "./peer.ts";

/** Who sends without pause is given a turn of the loop after so much: only there do sockets drain, and timers run. */
const TURN_MESSAGES = 500;
const TURN_BYTES = 256 * 1024;

/** For all that goes on at once: no promise of its own for each message. */
const DONE = Promise.resolve();

export class Departures {
  #due: Peer[] = [];
  #scheduled = false;
  #messages = 0;
  #bytes = 0;
  #turn: PromiseWithResolvers<void> | undefined;

  /** Messages that peers were given. */
  sent = 0;

  /** Gives a message to a peer; it leaves by the end of this turn. */
  add(peer: Peer, message: Encoded): void {
    peer.outbound.add(message);
    this.sent += 1;
    if (!peer.isDue) {
      peer.isDue = true;
      this.#due.push(peer);
    }
    this.#schedule();
  }

  /** A message of `size` bytes was dealt with. @returns what its sender is to wait for */
  pace(size: number): Promise<void> {
    this.#messages += 1;
    this.#bytes += size;
    if (this.#messages < TURN_MESSAGES && this.#bytes < TURN_BYTES) return DONE;
    this.#turn ??= Promise.withResolvers<void>();
    this.#schedule();
    return this.#turn.promise;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#leave());
  }

  #leave(): void {
    this.#scheduled = false;
    this.#messages = this.#bytes = 0;
    const due = this.#due;
    this.#due = [];
    for (const peer of due) {
      peer.isDue = false;
      peer.outbound.flush();
    }
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.resolve();
  }
}
