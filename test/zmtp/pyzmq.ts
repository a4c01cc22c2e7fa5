// A pyzmq socket in a process of its own, told what to do.
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { LIMIT_MS, within } from "../support/wait.ts";

type Answer = { value: unknown } | { error: string };

export class PyzmqSocket implements AsyncDisposable {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  /** @param options of libzmq, as `{ RCVHWM: 1 }` */
  constructor(role: string, options: Record<string, number> = {}) {
    const given = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    const command = ["/usr/bin/python3", join(import.meta.dir, "pyzmq.py"), role, ...given];
    this.#child = Bun.spawn(command, { stdio: ["pipe", "pipe", "inherit"] });
    // The two kinds of streams are the same at run time.
    const output = this.#child.stdout as unknown as Parameters<typeof Readable.fromWeb>[0];
    this.#lines = createInterface({ input: Readable.fromWeb(output) })[Symbol.asyncIterator]();
  }

  bind(address: string): Promise<unknown> {
    return this.#call("bind", address);
  }

  connect(address: string): Promise<unknown> {
    return this.#call("connect", address);
  }

  subscribe(prefix: string): Promise<unknown> {
    return this.#call("subscribe", prefix);
  }

  send(...frames: string[]): Promise<unknown> {
    return this.#call("send", ...frames);
  }

  /** A message of one frame, all of whose bytes are `byte`. */
  sendLarge(size: number, byte: number): Promise<unknown> {
    return this.#call("send_large", size, byte);
  }

  /** Its next message; a large frame as `SIZE x [BYTE]`. */
  async receive(): Promise<unknown> {
    return this.#call("receive", LIMIT_MS);
  }

  /** How many messages come until none does for a while. */
  count(pauseMs: number): Promise<unknown> {
    return this.#call("count", pauseMs);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  async #call(...order: (string | number)[]): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    await this.#child.stdin.flush();
    const { value: line } = await within(`pyzmq to ${order[0]}`, this.#lines.next(), 2 * LIMIT_MS);
    if (line === undefined) throw new Error(`pyzmq has ended at ${order.join(" ")}`);
    // Written by pyzmq.py.
    const answer = JSON.parse(line) as Answer;
    if ("error" in answer) throw new Error(`pyzmq: ${answer.error}`);
    return answer.value;
  }
}
