// A network of its own for a test: nobody else's 127.0.0.1, so that fixed ports (4222) can be used.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

// linux/sched.h, sys/socket.h, linux/sockios.h, linux/if.h
const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
/** Where ifr_flags stands in a struct ifreq, after the 16 bytes of the name; and the size of the struct. */
const IFREQ_FLAGS = 16;
const IFREQ_SIZE = 40;

/**
 * Moves this thread into a new, empty network with a loopback of its own, until disposed of. Everything that is
 * opened or started meanwhile (sockets, `tcs`, nats-server) is in it and stays in it.
 * @throws Error when this user may not make networks (it takes root)
 */
export function ownNetwork(): Disposable {
  const i32 = FFIType.i32;
  const libc = dlopen("libc.so.6", {
    unshare: { args: [i32], returns: i32 },
    setns: { args: [i32, i32], returns: i32 },
    socket: { args: [i32, i32, i32], returns: i32 },
    ioctl: { args: [i32, FFIType.u64, FFIType.ptr], returns: i32 },
  });
  const check = (what: string, result: number) => {
    if (result < 0) throw new Error(`${what} failed`);
    return result;
  };
  // namespaces(7): they belong to threads; this one runs the test and opens its sockets.
  const home = openSync("/proc/thread-self/ns/net", "r");
  const goHome = () => {
    check("setns", libc.symbols.setns(home, CLONE_NEWNET));
    closeSync(home);
    libc.close();
  };
  try {
    check("unshare(CLONE_NEWNET)", libc.symbols.unshare(CLONE_NEWNET));
    const socket = check("socket", libc.symbols.socket(AF_INET, SOCK_DGRAM, 0));
    const request = new Uint8Array(IFREQ_SIZE);
    request.set(new TextEncoder().encode("lo"));
    request[IFREQ_FLAGS] = IFF_UP;
    check("setting lo up", libc.symbols.ioctl(socket, SIOCSIFFLAGS, ptr(request)));
    closeSync(socket);
  } catch (error) {
    goHome();
    throw error;
  }
  return { [Symbol.dispose]: goHome };
}

/** Whether `ownNetwork()` works here; tests that need it are skipped elsewhere. */
export const canOwnNetwork = process.platform === "linux" && process.getuid?.() === 0 && tryOwnNetwork();

function tryOwnNetwork(): boolean {
  try {
    ownNetwork()[Symbol.dispose]();
    return true;
  } catch {
    // Root without the right to it, as in a container.
    return false;
  }
}
