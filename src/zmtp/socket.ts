// What all sockets have in common: addresses, peers, events, the end.
import { formatAddress, parseBindAddress, parseConnectAddress } from "./address.ts";
import { Connector } from "./connector.ts";
import { ZmtpClosedError, type ZmtpError, ZmtpUsageError } from "./errors.ts";
import type { SocketEvent } from "./events.ts";
import type { Message } from "./frame.ts";
import { type Listener, listen } from "./listener.ts";
import { type Settings, type SocketOptions, settingsOf } from "./options.ts";
import { type Carrier, Peer, type PeerEvents } from "./peer.ts";
import type { OwnSocketType } from "./socket-type.ts";
import { after } from "./timer.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

export abstract class ZmtpSocket implements AsyncDisposable {
  readonly type: OwnSocketType;
  /** @internal */
  protected readonly settings: Settings;
  readonly #listeners = new Map<string, Listener>();
  readonly #connectors = new Map<string, Connector>();
  /** All connections, with the address that each belongs to. */
  readonly #connections = new Map<Peer, string>();
  /** Those that have introduced themselves. */
  readonly #peers = new Set<Peer>();
  readonly #peerEvents: PeerEvents;
  readonly #connected = new Waiters<number, void>();
  #closing: Promise<void> | undefined;
  #checkDrained: (() => void) | undefined;

  /** @internal */
  protected constructor(type: OwnSocketType, options: SocketOptions) {
    this.type = type;
    this.settings = settingsOf(options);
    this.#peerEvents = {
      onReady: (peer) => this.#ready(peer),
      onMessage: (peer, message) => this.onMessage(peer, message),
      onArrival: (peer) => this.onArrival(peer),
      onSubscription: (peer, prefix, isNew) => this.onSubscription(peer, prefix, isNew),
      onDrain: (peer) => {
        if (this.#closing) this.#checkDrained?.();
        else this.onDrain(peer);
      },
      onGone: (peer, error) => this.#gone(peer, error),
    };
  }

  /** How many peers are connected now. */
  get peers(): number {
    return this.#peers.size;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Takes connections at an address: `tcp://127.0.0.1:5555`; `tcp://:5555` is the loopback, too; `tcp://*:5555` is every
   * interface, from which **anybody** can connect: there is no authentication. Port `*` takes a free one.
   * @returns the address, with the port that was taken
   * @throws ZmtpBindError if it is in use or not of this host, ZmtpUsageError if it is no address
   */
  async bind(address: string): Promise<string> {
    this.checkOpen();
    const listener = listen(parseBindAddress(address), (carrier, bound) => this.#admit(carrier, bound));
    this.#listeners.set(listener.address, listener);
    this.#tell({ type: "listening", address: listener.address });
    return listener.address;
  }

  /**
   * Connects to an address, now and whenever the connection is lost. Whether anybody is there yet does not matter:
   * `whenConnected` waits, `onEvent` hears of failures.
   * @throws ZmtpUsageError if it is no address
   */
  connect(address: string): void {
    this.checkOpen();
    const parsed = parseConnectAddress(address);
    const name = formatAddress(parsed);
    if (this.#connectors.has(name)) throw new ZmtpUsageError(`${name}: this socket connects there already`);
    const connector = new Connector({
      address: parsed,
      settings: this.settings,
      admit: (carrier, to) => this.#admit(carrier, to),
      onFailed: (error, retryMs) => this.#tell({ type: "failed", address: name, error, retryMs }),
    });
    this.#connectors.set(name, connector);
  }

  /** Takes no more connections at an address that `bind` gave, and ends those made there. */
  unbind(address: string): void {
    this.#drop(this.#listeners, formatAddress(parseBindAddress(address)), "bound to it");
  }

  /** Connects no more to an address, and ends the connection. */
  disconnect(address: string): void {
    this.#drop(this.#connectors, formatAddress(parseConnectAddress(address)), "connecting to it");
  }

  /** Waits until this many peers (default 1) are connected. @throws ZmtpTimeoutError, ZmtpClosedError */
  async whenConnected({ peers = 1, ...options }: WaitOptions & { peers?: number } = {}): Promise<void> {
    this.checkOpen();
    if (this.#peers.size >= peers) return;
    await this.#connected.wait(peers, `waiting for a peer of the ${this.type} socket`, options);
  }

  /** Sends what waits, for at most `lingerMs`, then ends all connections. Can be called again; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const endpoint of [...this.#listeners.values(), ...this.#connectors.values()]) endpoint.stop();
    const error = this.closedError();
    this.#connected.rejectAll(error);
    this.onClose(error);
    await this.#linger();
    for (const peer of [...this.#connections.keys()]) peer.end();
  }

  async #linger(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#checkDrained = () => {
      if ([...this.#peers].every(({ outbound }) => outbound.isEmpty)) resolve();
    };
    for (const { outbound } of this.#peers) outbound.flush();
    this.#checkDrained();
    const forget = after(this.settings.lingerMs, resolve);
    await promise;
    forget();
  }

  /** @internal What a connected peer means to the pattern. */
  protected onPeer(_peer: Peer): void {
    // For patterns that care.
  }

  /** @internal A peer that was connected is so no more. */
  protected onPeerGone(_peer: Peer, _error: ZmtpError | undefined): void {
    // For patterns that care.
  }

  /** @internal */
  protected abstract onMessage(peer: Peer, message: Message): void;
  /** @internal Messages of this peer were kept. */
  protected onArrival(_peer: Peer): void {
    // For patterns that care.
  }

  /** @internal */
  protected onSubscription(_peer: Peer, _prefix: Buffer, _isNew: boolean): void {
    // For patterns that care.
  }

  /** @internal More can be sent to this peer. */
  protected onDrain(_peer: Peer): void {
    // For patterns that care.
  }

  /** @internal Nobody is to wait any more. */
  protected abstract onClose(error: ZmtpClosedError): void;

  /** @internal */
  protected get connectedPeers(): ReadonlySet<Peer> {
    return this.#peers;
  }

  /** @internal */
  protected checkOpen(): void {
    if (this.#closing) throw this.closedError();
  }

  /** @internal */
  protected closedError(): ZmtpClosedError {
    return new ZmtpClosedError(`the ${this.type} socket is closed`);
  }

  #admit(carrier: Carrier, address: string): Peer {
    const peer = new Peer(carrier, this.type, this.settings, this.#peerEvents);
    this.#connections.set(peer, address);
    if (this.#closing) peer.end();
    return peer;
  }

  #ready(peer: Peer): void {
    if (this.#closing || !peer.type) return;
    const address = this.#connections.get(peer) ?? "";
    this.#connectors.get(address)?.succeeded();
    this.#peers.add(peer);
    this.onPeer(peer);
    this.#connected.resolveWhere((count) => count <= this.#peers.size, undefined);
    this.#tell({ type: "connected", address, remote: peer.remote, peer: peer.type });
  }

  #gone(peer: Peer, error: ZmtpError | undefined): void {
    const address = this.#connections.get(peer) ?? "";
    this.#connections.delete(peer);
    const wasConnected = this.#peers.delete(peer);
    const retryMs = this.#connectors.get(address)?.lost();
    if (wasConnected) this.onPeerGone(peer, error);
    this.#checkDrained?.();
    if (wasConnected) this.#tell({ type: "disconnected", address, remote: peer.remote, ...(error && { error }) });
    else if (error) this.#tell({ type: "failed", address, error, ...(retryMs !== undefined && { retryMs }) });
  }

  #drop(endpoints: Map<string, { stop(): void }>, address: string, what: string): void {
    const endpoint = endpoints.get(address);
    if (!endpoint) throw new ZmtpUsageError(`${address}: the ${this.type} socket is not ${what}`);
    endpoints.delete(address);
    endpoint.stop();
    for (const [peer, of] of [...this.#connections]) if (of === address) peer.end();
  }

  #tell(event: SocketEvent): void {
    try {
      this.settings.onEvent?.(event);
    } catch (error) {
      // The listener's fault, not the connection's: it is reported where its own errors are.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
