// A service manager's end of the notify protocol: a datagram socket, and what came to it. Bun has none: the C library has.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync } from "node:fs";

// bits/socket.h and sys/un.h of Linux
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

export interface NotifyListener extends Disposable {
  /** Each message, oldest first. */
  readonly heard: readonly string[];
}

/** @param socket a path, or `@` and an abstract name */
export function listenAsManager(socket: string): NotifyListener {
  const { i32, u32, u64, i64 } = FFIType;
  const libc = dlopen("libc.so.6", {
    socket: { args: [i32, i32, i32], returns: i32 },
    bind: { args: [i32, FFIType.ptr, u32], returns: i32 },
    recv: { args: [i32, FFIType.ptr, u64, i32], returns: i64 },
  });
  const name = new TextEncoder().encode(socket);
  const address = new Uint8Array(2 + name.length + (socket.startsWith("@") ? 0 : 1));
  address[0] = AF_UNIX;
  address.set(name, 2);
  if (socket.startsWith("@")) address[2] = 0;
  const descriptor = libc.symbols.socket(AF_UNIX, SOCK_DGRAM, 0);
  if (libc.symbols.bind(descriptor, ptr(address), address.length) !== 0) throw new Error(`cannot listen at ${socket}`);
  const heard: string[] = [];
  const buffer = new Uint8Array(65_536);
  return {
    get heard() {
      for (;;) {
        const length = Number(libc.symbols.recv(descriptor, ptr(buffer), buffer.length, MSG_DONTWAIT));
        if (length < 0) return heard;
        heard.push(new TextDecoder().decode(buffer.subarray(0, length)));
      }
    },
    [Symbol.dispose]() {
      closeSync(descriptor);
      libc.close();
    },
  };
}
