// One connection to a peer: handshake, messages in, messages out, signs of life, the end.
import { type Command, parseCommand, parsePing, ping, pong, refusal } from "./command.ts";
import { Decoder, MAX_COMMAND_BYTES } from "./decoder.ts";
import { ZmtpError, ZmtpHandshakeError, ZmtpPeerLostError, ZmtpPeerTypeError, ZmtpProtocolError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { type Message, sizeOf } from "./frame.ts";
import { GreetingReader, greeting } from "./greeting.ts";
import { introduction, judgeIntroduction } from "./handshake.ts";
import { Liveness } from "./liveness.ts";
import type { Settings } from "./options.ts";
import { Outbound, type Write } from "./outbound.ts";
import type { OwnSocketType, SocketType } from "./socket-type.ts";
import { after } from "./timer.ts";

/** What carries the bytes. */
export interface Carrier {
  write: Write;
  pause(): void;
  resume(): void;
  /** Closes after what was written. */
  end(): void;
  /** Closes at once. */
  terminate(): void;
  readonly remote: string;
}

/** What the owner of a peer hears of it. */
export interface PeerEvents {
  /** It has introduced itself. */
  onReady(peer: Peer): void;
  /** A message came. Whoever does not deal with it at once keeps it: `peer.keep(message)`. */
  onMessage(peer: Peer, message: Message): void;
  /** Messages were kept. */
  onArrival(peer: Peer): void;
  /** SUBSCRIBE or CANCEL of ZMTP 3.1. */
  onSubscription(peer: Peer, prefix: Buffer, isNew: boolean): void;
  /** More can be sent. */
  onDrain(peer: Peer): void;
  /** The connection has ended. `error` is missing if the peer closed it in order, or we did. */
  onGone(peer: Peer, error: ZmtpError | undefined): void;
}

/** During the handshake nothing large is expected. */
const HANDSHAKE_LIMITS = { maxFrameBytes: MAX_COMMAND_BYTES, maxMessageBytes: MAX_COMMAND_BYTES, maxFrames: 1 };

export class Peer {
  readonly outbound: Outbound;
  readonly remote: string;
  readonly #carrier: Carrier;
  readonly #own: OwnSocketType;
  readonly #settings: Settings;
  readonly #events: PeerEvents;
  readonly #decoder: Decoder;
  readonly #liveness: Liveness;
  readonly #forgetHandshake: () => void;
  #greeting: GreetingReader | undefined = new GreetingReader();
  #type: SocketType | undefined;
  /** Messages that nobody has taken yet. */
  readonly #kept = new Fifo<Message>();
  #keptBytes = 0;
  #paused = false;
  #pumping = false;
  #gone = false;
  /** What it sent could not be understood: the rest is not looked at. */
  #broken = false;
  /** Whether it waits for its turn in `Departures`. */
  isDue = false;

  constructor(carrier: Carrier, own: OwnSocketType, settings: Settings, events: PeerEvents) {
    this.#carrier = carrier;
    this.#own = own;
    this.#settings = settings;
    this.#events = events;
    this.remote = carrier.remote;
    this.outbound = new Outbound((bytes, offset, length) => carrier.write(bytes, offset, length), settings);
    this.#decoder = new Decoder(HANDSHAKE_LIMITS, (body) => this.#hear(parseCommand(body)));
    const { heartbeatMs, heartbeatTimeoutMs, handshakeMs } = settings;
    this.#liveness = new Liveness({
      heartbeatMs,
      heartbeatTimeoutMs,
      ask: () => this.sendControl(ping(heartbeatTimeoutMs)),
      onDead: (silentMs) =>
        this.fail(new ZmtpPeerLostError(`${this.remote} has been silent for ${Math.round(silentMs)} ms`)),
    });
    this.#forgetHandshake = after(handshakeMs, () => this.#late());
    this.sendControl(greeting());
  }

  /** Its type, once it has introduced itself. */
  get type(): SocketType | undefined {
    return this.#type;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** Messages that wait to be taken. */
  get waiting(): number {
    return this.#kept.size;
  }

  /** Sends a command, or something else that is no message, at once. */
  sendControl(bytes: Buffer): void {
    if (this.#gone) return;
    this.outbound.addControl(bytes);
    this.outbound.flush();
  }

  /** Keeps a message until it is taken. */
  keep(message: Message): void {
    this.#kept.push(message);
    this.#keptBytes += sizeOf(message);
  }

  /** Takes the next message; reads on when enough of them are taken. */
  take(): Message | undefined {
    const message = this.#kept.shift();
    if (!message) return undefined;
    this.#keptBytes -= sizeOf(message);
    if (this.#decoder.hasInput || this.#paused) {
      const { highWaterMark, highWaterBytes } = this.#settings;
      if (this.#kept.size <= highWaterMark / 2 && this.#keptBytes <= highWaterBytes / 2) this.#pump();
    }
    return message;
  }

  /** Bytes have come. */
  received(chunk: Buffer): void {
    if (this.#gone) return;
    this.#liveness.heard();
    try {
      const rest = this.#greeting ? this.#greeting.push(chunk) : chunk;
      if (!rest) return;
      if (this.#greeting) {
        this.#greeting = undefined;
        this.sendControl(introduction(this.#own));
      }
      this.#decoder.push(rest);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#pump();
  }

  /** The kernel takes bytes again. */
  drained(): void {
    if (this.#gone) return;
    this.outbound.drained();
    if (!this.outbound.isFull()) this.#events.onDrain(this);
  }

  /** The connection has ended. */
  closed(error?: ZmtpError): void {
    if (this.#gone) return;
    const early = this.#type === undefined && !error;
    this.#finish(early ? new ZmtpHandshakeError(`${this.remote} closed the connection during the handshake`) : error);
  }

  /** Ends the connection because of an error. */
  fail(error: ZmtpError): void {
    if (this.#gone) return;
    this.#finish(error);
    this.#carrier.terminate();
  }

  /** Ends the connection in order, after what was handed to the kernel. */
  end(): void {
    if (this.#gone) return;
    this.#finish(undefined);
    this.#carrier.end();
  }

  #finish(error: ZmtpError | undefined): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#forgetHandshake();
    this.#liveness.stop();
    this.#events.onGone(this, error);
  }

  /** Decodes until enough is kept. */
  #pump(): void {
    if (this.#pumping || this.#broken) return;
    this.#pumping = true;
    const before = this.#kept.size;
    try {
      while (this.#hasRoom) {
        const message = this.#decoder.next();
        if (!message) break;
        if (this.#type === undefined) throw new ZmtpProtocolError(`${this.remote} sent a message before its READY`);
        this.#events.onMessage(this, message);
      }
      this.#pause(!this.#hasRoom);
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#pumping = false;
    }
    if (this.#kept.size > before) this.#events.onArrival(this);
  }

  get #hasRoom(): boolean {
    return this.#kept.size < this.#settings.highWaterMark && this.#keptBytes < this.#settings.highWaterBytes;
  }

  #pause(paused: boolean): void {
    if (this.#paused === paused || this.#gone) return;
    this.#paused = paused;
    this.#liveness.suspend(paused);
    if (paused) this.#carrier.pause();
    else this.#carrier.resume();
  }

  #hear(command: Command): void {
    const { name, body } = command;
    if (this.#type === undefined) this.#welcome(command);
    else if (name === "PING") {
      const { ttlMs, context } = parsePing(body);
      this.#liveness.promised(ttlMs);
      // Who asks and asks, and reads no answer, gets none.
      if (!this.outbound.isFull()) this.sendControl(pong(context));
    } else if (name === "SUBSCRIBE" || name === "CANCEL") {
      this.#events.onSubscription(this, body, name === "SUBSCRIBE");
    } else if (name === "ERROR") throw new ZmtpProtocolError(`${this.remote} reported an error`);
    // PONG is a sign of life, as any other bytes; what is unknown is ignored.
  }

  #welcome(command: Command): void {
    this.#type = judgeIntroduction(this.#own, command);
    this.#forgetHandshake();
    this.#decoder.limits = this.#settings;
    this.#liveness.start();
    this.#events.onReady(this);
  }

  #late(): void {
    const { handshakeMs } = this.#settings;
    const said = this.#greeting?.filled;
    const what = said === undefined ? "its READY" : said === 0 ? "anything" : "the rest of its greeting";
    this.fail(new ZmtpHandshakeError(`${this.remote} did not send ${what} within ${handshakeMs} ms`));
  }

  /** The peer broke the rules: tell it if it can understand, and end it. */
  #refuse(error: unknown): void {
    this.#broken = true;
    const cause = error instanceof ZmtpError ? error : new ZmtpProtocolError(String(error), { cause: error });
    if (cause instanceof ZmtpPeerTypeError && !this.#gone) {
      this.sendControl(refusal(cause.message));
      this.#finish(cause);
      this.#carrier.end();
    } else this.fail(cause);
  }
}
