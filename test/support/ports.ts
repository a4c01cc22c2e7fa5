// TCP ports for tests that run at the same time, each in a process of its own.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Below the ports that the kernel gives to outgoing connections: none of those can take one in the meantime. */
const FIRST = 20_000;
const COUNT = 12_000;

/** A TCP port on 127.0.0.1 that is free, and that no other test gets as long as this process lives. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (claim(port) && (await isFree(port))) return port;
  }
}

function claim(port: number): boolean {
  const folder = join(tmpdir(), `tcs-test-ports-${process.getuid?.()}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, String(port));
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    // Somebody's: of a process that is gone it can be had, the next time it is drawn.
    if (!lives(path)) rmSync(path, { force: true });
    return false;
  }
}

function lives(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
