// Who really runs: each instance of a service tells it here by a connection of its own, whatever tcs says of it.
import type { Socket } from "bun";

export interface Instance {
  id: string;
  life: string;
  /** Of its own host. */
  pid: number;
  host: string;
  /** Its first and its latest word by its own clock, milliseconds since the epoch; all hosts of a soak have the same. */
  from: number;
  until: number;
}

/** How often each speaks, milliseconds. */
export const BEAT_MS = 400;
/** How long those that have fallen silent are remembered, milliseconds. */
const KEPT_MS = 300_000;

interface Contact {
  rest: string;
  instance?: Instance;
}

export class Witness implements Disposable {
  readonly port: number;
  /** By service id, each with its latest lives. */
  readonly #lives = new Map<string, Instance[]>();
  readonly #sockets = new Map<string, Socket<Contact>>();
  readonly #server;

  constructor() {
    this.#server = Bun.listen<Contact>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = { rest: "" };
        },
        data: (socket, text) => this.#hear(socket, text.toString()),
        close: ({ data }) => {
          if (data.instance) this.#sockets.delete(data.instance.life);
        },
        // Its close follows.
        error: () => undefined,
      },
    });
    this.port = this.#server.port;
  }

  /** Every instance of a service in the last minutes, the latest last. */
  livesOf(id: string): readonly Instance[] {
    return this.#lives.get(id) ?? [];
  }

  /** The instance that speaks; undefined when none has for `limitMs`. */
  living(id: string, limitMs = 3 * BEAT_MS): Instance | undefined {
    const latest = this.#lives.get(id)?.reduce((one, other) => (one.until > other.until ? one : other));
    return latest && Date.now() - latest.until <= limitMs ? latest : undefined;
  }

  /** Tells an instance how to fail. */
  tell({ life }: Instance, how: "throw" | "exit" | "reject" | "spin"): void {
    this.#sockets.get(life)?.write(`${how}\n`);
  }

  #hear(socket: Socket<Contact>, text: string): void {
    const lines = (socket.data.rest + text).split("\n");
    socket.data.rest = lines.pop() ?? "";
    for (const line of lines) {
      const { id, life, pid, host, at } = JSON.parse(line) as Omit<Instance, "from" | "until"> & { at: number };
      const instance = socket.data.instance ?? { id, life, pid, host, from: at, until: at };
      instance.until = at;
      if (socket.data.instance) continue;
      socket.data.instance = instance;
      this.#sockets.set(life, socket);
      const kept = this.livesOf(id).filter(({ until }) => at - until < KEPT_MS);
      this.#lives.set(id, [...kept, instance]);
    }
  }

  [Symbol.dispose](): void {
    this.#server.stop(true);
  }
}
