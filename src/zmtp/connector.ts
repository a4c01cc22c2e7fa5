// An address to connect to: tried until it is reached, and again whenever the connection is lost.
import { describeError } from "../common/errors.ts";
import { formatAddress, type TcpAddress } from "./address.ts";
import { ZmtpConnectError, type ZmtpError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Carrier, Peer } from "./peer.ts";
import { carrierOf, type Held, PEER_HANDLERS } from "./tcp.ts";
import { after } from "./timer.ts";

export interface ConnectorOptions {
  address: TcpAddress;
  settings: Settings;
  /** Makes a peer of a connection. */
  admit: (carrier: Carrier, address: string) => Peer;
  /** An attempt has failed; the next follows after `retryMs`. */
  onFailed: (error: ZmtpError, retryMs: number) => void;
}

export class Connector {
  readonly address: string;
  readonly #options: ConnectorOptions;
  #failures = 0;
  #forget = () => {
    // No attempt is planned.
  };
  #stopped = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.address = formatAddress(options.address);
    void this.#attempt();
  }

  /** Its peer has introduced itself: the next pause is a short one again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** The connection was lost, or its handshake failed. @returns the pause until the next attempt, milliseconds */
  lost(): number {
    return this.#again();
  }

  /** Tries no more. A connection that there is stays. */
  stop(): void {
    this.#stopped = true;
    this.#forget();
  }

  async #attempt(): Promise<void> {
    const { address, admit, settings, onFailed } = this.#options;
    const overdue = Promise.withResolvers<never>();
    const forgetOverdue = after(settings.handshakeMs, () =>
      overdue.reject(new Error(`no answer within ${settings.handshakeMs} ms`)),
    );
    let isLate = false;
    const connecting = Bun.connect<Held>({
      hostname: address.host,
      port: address.port,
      data: { peer: undefined },
      socket: {
        ...PEER_HANDLERS,
        // Here, not after the promise: the peer's first bytes may follow at once.
        open: (socket) => {
          if (isLate || this.#stopped) socket.terminate();
          else socket.data.peer = admit(carrierOf(socket, this.address), this.address);
        },
        // It would throw what the promise is rejected with, too.
        connectError: () => undefined,
      },
    });
    try {
      await Promise.race([connecting, overdue.promise]);
    } catch (error) {
      isLate = true;
      // Known by `error` already, or of no interest any more.
      connecting.catch(() => undefined);
      if (this.#stopped) return;
      const retryMs = this.#again();
      onFailed(new ZmtpConnectError(`${this.address}: cannot connect: ${reasonOf(error)}`, { cause: error }), retryMs);
    } finally {
      forgetOverdue();
    }
  }

  /** Doubled at each failure, and shortened by chance: peers of a server that comes back do not all come at once. */
  #again(): number {
    const { reconnectMs, reconnectMaxMs } = this.#options.settings;
    const longest = Math.min(reconnectMaxMs, reconnectMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    const pauseMs = longest * (0.5 + Math.random() / 2);
    if (!this.#stopped) this.#forget = after(pauseMs, () => void this.#attempt());
    return pauseMs;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return "nobody listens there";
  if (code === "ENOTFOUND") return "there is no such host";
  return describeError(error);
}
