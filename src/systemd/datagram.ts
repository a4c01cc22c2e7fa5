// Datagrams to a socket of this host: Bun has none, so the C library is called. Loaded only where a service manager listens.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { InternalError, UnsupportedError } from "../common/errors.ts";

// bits/socket.h and sys/un.h of Linux; the same on every machine that Bun runs on.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const LONGEST_PATH = 107;
const CLOCK_MONOTONIC = 1;

/** glibc's name, then musl's. */
const LIBRARIES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`, "libc.so"];

const SYMBOLS = {
  socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  sendto: {
    args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32, FFIType.ptr, FFIType.u32],
    returns: FFIType.i64,
  },
  clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
} as const;

function openLibc() {
  const faults: string[] = [];
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, SYMBOLS);
    } catch (error) {
      // The next one.
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new UnsupportedError(`the C library cannot be called (${faults.join("; ")})`);
}

/** Sends datagrams to one address, without ever waiting. */
export class DatagramSender {
  readonly #libc = openLibc();
  readonly #socket: number;
  readonly #address: Uint8Array;

  /** @param target a path, or `@` and an abstract name. @throws TcsError when it cannot be one, or sockets are refused */
  constructor(target: string) {
    const name = new TextEncoder().encode(target);
    if (name.length > LONGEST_PATH) throw new InternalError(`"${target}" is too long for the name of a socket`);
    const isAbstract = target.startsWith("@");
    // struct sockaddr_un: the family, then the name; of a path with its end, of an abstract one without.
    this.#address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
    new DataView(this.#address.buffer).setUint16(0, AF_UNIX, true);
    this.#address.set(name, 2);
    if (isAbstract) this.#address[2] = 0;
    this.#socket = this.#libc.symbols.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (this.#socket < 0) throw new UnsupportedError("no socket can be made for messages to the service manager");
  }

  /** @returns false when it could not be taken: nobody listens, or too slowly */
  send(text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const { sendto } = this.#libc.symbols;
    return Number(sendto(this.#socket, ptr(bytes), bytes.length, flags, ptr(this.#address), this.#address.length)) >= 0;
  }

  /** CLOCK_MONOTONIC now, microseconds: systemd compares it with its own. */
  monotonicUsec(): bigint {
    const now = new BigInt64Array(2);
    this.#libc.symbols.clock_gettime(CLOCK_MONOTONIC, ptr(now));
    const [seconds = 0n, nanoseconds = 0n] = now;
    return seconds * 1_000_000n + nanoseconds / 1000n;
  }
}
