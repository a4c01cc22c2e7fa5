// REP: a request, then its answer, one at a time.
import { encode } from "./encoder.ts";
import { ZmtpTurnError } from "./errors.ts";
import type { Frame, Message } from "./frame.ts";
import type { Received } from "./inbox.ts";
import type { SocketOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { ReceivingSocket } from "./receiver.ts";
import type { WaitOptions } from "./waiters.ts";

export interface ReplyOptions extends SocketOptions {
  /** The next request may be received before the last one is answered, which is then given up. Default false. */
  relaxed?: boolean;
}

/** To whom the answer goes. */
interface Owed {
  peer: Peer;
  /** What its request began with: empty frame included. */
  envelope: Message;
}

/**
 * Answers requests, from all its peers in turns: strictly `receive`, `send`, `receive`, `send`. An answer to a peer that
 * has gone, or that does not read its answers, is dropped.
 */
export class Reply extends ReceivingSocket {
  readonly #relaxed: boolean;
  #owed: Owed | undefined;
  #dropped = 0;

  constructor({ relaxed = false, ...options }: ReplyOptions = {}) {
    super("REP", options);
    this.#relaxed = relaxed;
  }

  /** Answers that their peers did not get. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The next request. @throws ZmtpTurnError before the last one is answered, ZmtpTimeoutError, ZmtpClosedError */
  override receive(options: WaitOptions = {}): Promise<Message> {
    const fault = this.#turnFault();
    return fault ? Promise.reject(fault) : super.receive(options);
  }

  /** The next request if there is one already. @throws ZmtpTurnError before the last one is answered */
  override tryReceive(): Message | undefined {
    const fault = this.#turnFault();
    if (fault) throw fault;
    return super.tryReceive();
  }

  /** Answers the request that was received last. @throws ZmtpTurnError if there is none, ZmtpClosedError */
  async send(...frames: [Frame, ...Frame[]]): Promise<void> {
    this.checkOpen();
    const owed = this.#owed;
    if (!owed) throw new ZmtpTurnError("the REP socket has no request to answer", { hint: "receive one first" });
    this.#owed = undefined;
    const { peer, envelope } = owed;
    if (peer.isGone || peer.outbound.isFull()) {
      this.#dropped += 1;
      return;
    }
    peer.outbound.add(encode([...envelope, ...frames]));
    peer.outbound.flush();
  }

  /** @internal */
  protected override isWanted(message: Message): boolean {
    const delimiter = message.findIndex(({ length }) => length === 0);
    return delimiter >= 0 && delimiter < message.length - 1;
  }

  /** @internal */
  protected override accept({ peer, message }: Received): Message {
    const body = message.findIndex(({ length }) => length === 0) + 1;
    this.#owed = { peer, envelope: message.slice(0, body) };
    return message.slice(body);
  }

  /** @internal */
  protected override onPeerGone(peer: Peer): void {
    peer.outbound.takeUnsent();
  }

  #turnFault(): ZmtpTurnError | undefined {
    if (this.isAwaited) return new ZmtpTurnError("the REP socket waits for a request already");
    if (!this.#owed || this.#relaxed) return undefined;
    const hint = "send the answer first, or set the option relaxed";
    return new ZmtpTurnError("the REP socket has received a request that is not answered yet", { hint });
  }
}
