// REQ: a question, then its answer, one at a time.
import { encode } from "./encoder.ts";
import { type ZmtpClosedError, type ZmtpError, ZmtpPeerLostError, ZmtpTurnError } from "./errors.ts";
import { EMPTY_FRAME, type Frame, type Message } from "./frame.ts";
import type { SocketOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { RoundRobin } from "./round-robin.ts";
import { ZmtpSocket } from "./socket.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

export interface RequestOptions extends SocketOptions {
  /**
   * A request may be sent before the last one is answered, which is then given up: its answer is ignored when it comes.
   * Requests carry a number for that, which REP sockets send back. Default false. (ZMQ_REQ_RELAXED and _CORRELATE.)
   */
  relaxed?: boolean;
  /** How long a request may wait for a peer with room, milliseconds. Default: without limit. */
  sendTimeoutMs?: number;
}

type State =
  | { step: "idle" }
  /** Waits for a peer that takes the request. */
  | { step: "sending" }
  | { step: "asked"; peer: Peer; id: Buffer | undefined }
  | { step: "answered"; reply: Message }
  | { step: "lost"; error: ZmtpError };

/** Asks, one request at a time, each of another peer: strictly `send`, `receive`, `send`, `receive`, or `request`. */
export class Request extends ZmtpSocket {
  readonly #relaxed: boolean;
  readonly #sendTimeoutMs: number | undefined;
  readonly #peers = new RoundRobin();
  readonly #sending = new Waiters<readonly Frame[], void>();
  readonly #receiving = new Waiters<undefined, Message>();
  #state: State = { step: "idle" };
  #id = Math.floor(Math.random() * 2 ** 32);

  constructor({ relaxed = false, sendTimeoutMs, ...options }: RequestOptions = {}) {
    super("REQ", options);
    this.#relaxed = relaxed;
    this.#sendTimeoutMs = sendTimeoutMs;
  }

  /**
   * Asks, and waits for the answer.
   * @throws what `send` and `receive` throw. After a ZmtpTimeoutError only a relaxed socket can ask again.
   */
  async request(...frames: [Frame, ...Frame[]]): Promise<Message> {
    await this.send(...frames);
    return this.receive();
  }

  /**
   * Sends a request; settled when a peer has taken it.
   * @throws ZmtpTurnError before the last one is answered, ZmtpTimeoutError after `sendTimeoutMs`, ZmtpClosedError
   */
  async send(...frames: [Frame, ...Frame[]]): Promise<void> {
    this.checkOpen();
    const { step } = this.#state;
    if (step === "sending" || (!this.#relaxed && (step === "asked" || step === "answered"))) {
      const hint = "receive the answer first, or set the option relaxed";
      throw new ZmtpTurnError("the REQ socket has sent a request that is not answered yet", { hint });
    }
    const peer = this.#peers.pick();
    if (peer) {
      this.#ask(peer, frames);
      return;
    }
    this.#state = { step: "sending" };
    try {
      await this.#sending.wait(frames, "waiting for a REP peer", { timeoutMs: this.#sendTimeoutMs });
    } catch (error) {
      this.#state = { step: "idle" };
      throw error;
    }
  }

  /**
   * The answer to what was sent.
   * @throws ZmtpTurnError if nothing was, ZmtpTimeoutError, ZmtpClosedError,
   * ZmtpPeerLostError if the peer has gone before it answered: the request can be sent again
   */
  async receive(options: WaitOptions = {}): Promise<Message> {
    this.checkOpen();
    const state = this.#state;
    if (state.step === "answered" || state.step === "lost") {
      this.#state = { step: "idle" };
      if (state.step === "answered") return state.reply;
      throw state.error;
    }
    if (state.step === "idle" || this.#receiving.size > 0) {
      const why = state.step === "idle" ? "has sent no request" : "waits for its answer already";
      throw new ZmtpTurnError(`the REQ socket ${why}`);
    }
    return this.#receiving.wait(undefined, "waiting for an answer on the REQ socket", options);
  }

  /** @internal */
  protected override onPeer(peer: Peer): void {
    this.#peers.add(peer);
    this.onDrain();
  }

  /** @internal */
  protected override onDrain(): void {
    const frames = this.#sending.first;
    const peer = frames && this.#peers.pick();
    if (!frames || !peer) return;
    this.#ask(peer, frames);
    this.#sending.resolveNext();
  }

  /** @internal */
  protected override onPeerGone(peer: Peer, cause: ZmtpError | undefined): void {
    this.#peers.remove(peer);
    peer.outbound.takeUnsent();
    if (this.#state.step !== "asked" || this.#state.peer !== peer) return;
    const error = new ZmtpPeerLostError(`${peer.remote} has gone before it answered`, { cause });
    this.#state = this.#receiving.size > 0 ? { step: "idle" } : { step: "lost", error };
    this.#receiving.rejectAll(error);
  }

  /** @internal What does not answer the last request is ignored. */
  protected override onMessage(peer: Peer, message: Message): void {
    if (this.#state.step !== "asked" || this.#state.peer !== peer) return;
    const { id } = this.#state;
    const reply = [...message];
    if (id && !reply.shift()?.equals(id)) return;
    if (reply.shift()?.length !== 0 || reply.length === 0) return;
    this.#state = this.#receiving.size > 0 ? { step: "idle" } : { step: "answered", reply };
    this.#receiving.resolveNext(reply);
  }

  /** @internal */
  protected override onClose(error: ZmtpClosedError): void {
    this.#sending.rejectAll(error);
    this.#receiving.rejectAll(error);
  }

  #ask(peer: Peer, frames: readonly Frame[]): void {
    const id = this.#relaxed ? this.#nextId() : undefined;
    this.#state = { step: "asked", peer, id };
    peer.outbound.add(encode(id ? [id, EMPTY_FRAME, ...frames] : [EMPTY_FRAME, ...frames]));
    peer.outbound.flush();
  }

  #nextId(): Buffer {
    this.#id = (this.#id + 1) % 2 ** 32;
    const id = Buffer.alloc(4);
    id.writeUInt32BE(this.#id);
    return id;
  }
}
