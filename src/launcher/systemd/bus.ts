// A connection to a service manager's own D-Bus socket: calls and their answers, and what it signals.
import { connect, type Socket } from "node:net";
import { describeError, TcsError } from "../../common/errors.ts";
import { type BusCall, type BusMessage, encodeCall, MessageSplitter } from "./dbus-message.ts";
import type { BusValue } from "./dbus-types.ts";

/**
 * The manager refused a call, or is not to be reached.
 * @cause The service manager (systemd) refused a call, or its connection was lost.
 * @remedy See "systemctl status" and "journalctl -u UNIT" for its reasons; tcs connects again by itself.
 * @example StartUnit: no answer from the service manager within 25 s
 */
export class BusError extends TcsError {
  override readonly code = "E_BUS";
  /** D-Bus name of the error, when the manager gave one. */
  readonly busName: string | undefined;

  constructor(message: string, busName?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.busName = busName;
  }
}

export interface BusOptions {
  /** Path of the socket. */
  path: string;
  onSignal: (message: BusMessage) => void;
  /** Called once, when the connection is lost and was not closed here. */
  onLost: (why: string) => void;
}

/** An answer takes longer than this only when the manager hangs, milliseconds. */
const ANSWER_LIMIT_MS = 30_000;

interface Pending {
  resolve: (body: BusValue[]) => void;
  reject: (error: BusError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Bus {
  readonly #options: BusOptions;
  readonly #socket: Socket;
  readonly #splitter = new MessageSplitter();
  readonly #pending = new Map<number, Pending>();
  #serial = 0;
  #closed = false;

  private constructor(socket: Socket, options: BusOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** @throws BusError when nobody answers there, or refuses this user */
  static async open(options: BusOptions): Promise<Bus> {
    const socket = connect({ path: options.path });
    const bus = new Bus(socket, options);
    try {
      await authenticate(socket);
    } catch (error) {
      socket.destroy();
      throw new BusError(`no service manager at ${options.path}: ${describeError(error)}`, undefined, error);
    }
    socket.on("data", (chunk: Buffer) => bus.#onData(chunk));
    socket.on("error", (error) => bus.#lose(describeError(error)));
    socket.on("close", () => bus.#lose("it closed the connection"));
    return bus;
  }

  /** @throws BusError when it is refused, or there is no answer */
  call(call: BusCall): Promise<BusValue[]> {
    if (this.#closed) return Promise.reject(new BusError("the connection to the service manager is closed"));
    const serial = ++this.#serial;
    const { promise, resolve, reject } = Promise.withResolvers<BusValue[]>();
    const timer = setTimeout(() => {
      this.#pending.delete(serial);
      reject(new BusError(`${call.member}: no answer from the service manager within ${ANSWER_LIMIT_MS / 1000} s`));
    }, ANSWER_LIMIT_MS);
    this.#pending.set(serial, { resolve, reject, timer });
    this.#socket.write(encodeCall(call, serial));
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
    this.#abandon("the connection to the service manager was closed");
  }

  #onData(chunk: Uint8Array): void {
    let messages: BusMessage[];
    try {
      messages = this.#splitter.push(chunk);
    } catch (error) {
      this.#lose(describeError(error));
      return;
    }
    for (const message of messages) this.#onMessage(message);
  }

  #onMessage(message: BusMessage): void {
    if (message.kind === "signal") {
      this.#options.onSignal(message);
      return;
    }
    const pending = message.replyTo === undefined ? undefined : this.#pending.get(message.replyTo);
    if (!pending || message.replyTo === undefined) return;
    this.#pending.delete(message.replyTo);
    clearTimeout(pending.timer);
    if (message.kind === "reply") pending.resolve(message.body);
    else pending.reject(new BusError(String(message.body[0] ?? message.errorName), message.errorName));
  }

  #lose(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#options.onLost(why);
  }

  #abandon(why: string): void {
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new BusError(why));
    }
    this.#pending.clear();
  }
}

/** The manager knows by the socket who we are; it only wants to hear it said. */
async function authenticate(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let heard = "";
  const onData = (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    if (!heard.includes("\r\n")) return;
    if (!heard.startsWith("OK ")) {
      reject(new Error(`it does not let us in (${heard.trim()})`));
      return;
    }
    socket.off("data", onData);
    socket.write("BEGIN\r\n");
    resolve();
  };
  const onEnd = () => reject(new Error("it closed the connection"));
  socket.on("data", onData);
  socket.on("error", reject);
  socket.on("close", onEnd);
  const id = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
  socket.write(`\0AUTH EXTERNAL ${id}\r\n`);
  try {
    await promise;
  } finally {
    socket.off("data", onData);
    socket.off("error", reject);
    socket.off("close", onEnd);
  }
}
