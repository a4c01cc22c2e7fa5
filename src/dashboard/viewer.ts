// One page that looks, at the other end of a WebSocket.
import type { ServerWebSocket } from "bun";
import type { NatsConnection } from "nats";
import { z } from "zod";
import type { Access } from "./access.ts";
import type { FleetFeed } from "./fleet-feed.ts";
import { tellTo, type Viewer } from "./hub.ts";
import { LogTail } from "./log-tail.ts";
import type { Asked, ToldLine } from "./told.ts";

const AskedSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), token: z.string().max(500).optional() }),
  // It becomes part of a subject.
  z.object({
    type: z.literal("look"),
    id: z
      .string()
      .max(512)
      .regex(/^[^\s*>]+$/)
      .optional(),
  }),
]) satisfies z.ZodType<Asked>;

/** For codes from 4000 on a WebSocket has no meaning of its own. */
const REFUSED = 4401;
const MISUNDERSTOOD = 4400;

/** How long a page may take to say its first word: who says none must not keep others out. */
const HELLO_MS = 3_000;

export interface ViewerOptions {
  access: Access;
  feed: FleetFeed;
  prefix: string;
  connection: () => NatsConnection | undefined;
}

export class PageViewer implements Viewer {
  readonly #options: ViewerOptions;
  readonly #socket: ServerWebSocket<unknown>;
  readonly #patience: ReturnType<typeof setTimeout>;
  #hasJoined = false;
  #tail: LogTail | undefined;

  constructor(socket: ServerWebSocket<unknown>, options: ViewerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#patience = setTimeout(() => socket.close(MISUNDERSTOOD, "no hello"), HELLO_MS);
  }

  send(text: string): void {
    // One that does not read what it is told is disconnected by the server, and told everything when it is back.
    this.#socket.send(text);
  }

  /** A page has said something. */
  hear(message: string | Buffer): void {
    const asked = AskedSchema.safeParse(parse(message));
    if (!asked.success || (asked.data.type === "look" && !this.#hasJoined)) {
      this.#socket.close(MISUNDERSTOOD, "not understood");
    } else if (asked.data.type === "hello") this.#hello(asked.data.token);
    else this.#look(asked.data.id);
  }

  /** The broker has come back. */
  resume(): void {
    void this.#tail?.read();
  }

  /** The page has gone. */
  leave(): void {
    clearTimeout(this.#patience);
    this.#tail?.stop();
    this.#options.feed.leave(this);
  }

  #hello(token: string | undefined): void {
    const { access, feed } = this.#options;
    if (!access.maySee(token)) {
      tellTo(this, {
        type: "refused",
        text: token === undefined ? "this dashboard needs its token" : "that is not the token of this dashboard",
      });
      this.#socket.close(REFUSED, "token");
    } else if (!this.#hasJoined) {
      this.#hasJoined = true;
      clearTimeout(this.#patience);
      feed.join(this, access.mayOrder(token));
    }
  }

  #look(id: string | undefined): void {
    this.#tail?.stop();
    this.#tail = undefined;
    if (id === undefined) return;
    const { feed, prefix, connection } = this.#options;
    tellTo(this, { type: "samples", id, series: feed.samplesOf(id) });
    const tell = (lines: ToldLine[], isAll: boolean) => tellTo(this, { type: "log", id, lines, isAll });
    this.#tail = new LogTail({ prefix, id, connection, tell });
    void this.#tail.read();
  }
}

/** Undefined for what is no JSON. */
function parse(message: string | Buffer): unknown {
  try {
    return JSON.parse(String(message));
  } catch {
    // None of our pages: told as not understood.
    return undefined;
  }
}
