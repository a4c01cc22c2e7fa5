// The way from one launcher to the broker, and what can go wrong with it.
import { connect, createServer, type Socket } from "node:net";

/**
 * `clear`: all passes. `slow`: all passes, later. `black`: nothing passes, nothing is closed, what was sent arrives when it
 * clears. `deaf`: what the broker says is lost. `half-open`: the broker's side is closed, the launcher's side is not, and
 * stays silent; `cut`: closed at once, and nobody is let in.
 */
export type LinkState = "clear" | "slow" | "black" | "deaf" | "half-open" | "cut";

interface Pair {
  client: Socket;
  broker: Socket;
  /** It will never carry anything again, and its client is not to know. */
  isDead: boolean;
}

export class Link implements AsyncDisposable {
  readonly #brokerPort: number;
  readonly #pairs = new Set<Pair>();
  readonly #server = createServer({ pauseOnConnect: true }, (client) => this.#join(client));
  #state: LinkState = "clear";
  #delayMs = 0;
  readonly #late: { dueMs: number; chunk: string | Buffer; to: Socket }[] = [];

  constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
  }

  /** @returns the port that launchers are told */
  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** @param delayMs how late everything passes while it is `slow` */
  become(state: LinkState, delayMs = 0): void {
    this.#state = state;
    this.#delayMs = state === "slow" ? delayMs : 0;
    for (const pair of this.#pairs) {
      if (state === "cut") pair.client.destroy();
      if (state === "half-open") {
        pair.isDead = true;
        pair.broker.destroy();
      }
      if (state === "clear" && pair.isDead) pair.client.destroy();
      for (const socket of [pair.client, pair.broker]) {
        if (state === "black") socket.pause();
        else socket.resume();
      }
    }
  }

  #join(client: Socket): void {
    if (this.#state === "cut") {
      client.destroy();
      return;
    }
    const broker = connect(this.#brokerPort, "127.0.0.1");
    const pair: Pair = { client, broker, isDead: this.#state === "half-open" };
    if (pair.isDead) broker.destroy();
    this.#pairs.add(pair);
    client.on("data", (chunk) => this.#carry(chunk, broker));
    broker.on("data", (chunk) => {
      if (this.#state !== "deaf") this.#carry(chunk, client);
    });
    const end = () => {
      if (pair.isDead && !client.destroyed) return;
      this.#pairs.delete(pair);
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      // Its close follows.
      socket.on("error", () => undefined);
      socket.on("close", end);
      if (this.#state === "black") socket.pause();
      else socket.resume();
    }
  }

  /** In order, whatever the delay was when each came. */
  #carry(chunk: string | Buffer, to: Socket): void {
    if (this.#delayMs === 0 && this.#late.length === 0) {
      if (!to.destroyed) to.write(chunk);
      return;
    }
    const lastDue = this.#late.at(-1)?.dueMs ?? 0;
    this.#late.push({ dueMs: Math.max(performance.now() + this.#delayMs, lastDue), chunk, to });
    if (this.#late.length === 1) this.#wait();
  }

  #wait(): void {
    const [first] = this.#late;
    if (first) setTimeout(() => this.#sendDue(), Math.max(0, first.dueMs - performance.now()));
  }

  #sendDue(): void {
    const now = performance.now();
    while (this.#late[0] && this.#late[0].dueMs <= now) {
      const due = this.#late.shift();
      if (due && !due.to.destroyed) due.to.write(due.chunk);
    }
    this.#wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, broker } of this.#pairs) {
      client.destroy();
      broker.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
