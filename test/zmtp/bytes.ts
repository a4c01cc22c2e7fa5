// Raw ZMTP: what a peer of our own making writes, byte by byte, and what is wrong with it.
import type { Socket } from "bun";
import { encodeFrame } from "../../src/zmtp/encoder.ts";
import { greeting } from "../../src/zmtp/greeting.ts";
import { introduction } from "../../src/zmtp/handshake.ts";
import type { OwnSocketType } from "../../src/zmtp/socket-type.ts";
import { waitFor } from "../support/wait.ts";

/** Numbers that look random, the same in each run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All that a peer of this type says before its first message. */
export function opening(type: OwnSocketType): Buffer {
  return Buffer.concat([greeting(), introduction(type)]);
}

/** A message on the wire. */
export function wire(...frames: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(frames.map((frame, i) => encodeFrame(Buffer.from(frame), i < frames.length - 1 ? 1 : 0)));
}

/** A command on the wire. */
export function command(name: string, body: string): Buffer {
  return encodeFrame(Buffer.concat([Buffer.from([name.length]), Buffer.from(name + body, "latin1")]), 4);
}

/** A connection that says what it is told to, and keeps what it hears. */
export class RawPeer implements Disposable {
  readonly #socket: Socket<undefined>;
  readonly #state: { heard: Buffer; closed: boolean };

  private constructor(socket: Socket<undefined>, state: { heard: Buffer; closed: boolean }) {
    this.#socket = socket;
    this.#state = state;
  }

  static async connect(address: string): Promise<RawPeer> {
    const { hostname, port } = new URL(address.replace("tcp:", "http:"));
    const state = { heard: Buffer.alloc(0), closed: false };
    const socket = await Bun.connect<undefined>({
      hostname,
      port: Number(port),
      socket: {
        data: (_, chunk) => {
          state.heard = Buffer.concat([state.heard, chunk]);
        },
        close: () => {
          state.closed = true;
        },
      },
    });
    return new RawPeer(socket, state);
  }

  get isClosed(): boolean {
    return this.#state.closed;
  }

  get heard(): Buffer {
    return this.#state.heard;
  }

  say(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says all of it, however long the other side takes. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += Math.max(0, this.#socket.write(bytes, at, bytes.length - at));
      if (at < bytes.length) await Bun.sleep(1);
    }
  }

  /** Reads nothing more. */
  stall(): void {
    this.#socket.pause();
  }

  async hears(text: string): Promise<void> {
    await waitFor(`the peer to hear ${text}`, () => this.heard.includes(text));
  }

  async isDropped(): Promise<void> {
    await waitFor("the connection to be closed", () => this.#state.closed);
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
