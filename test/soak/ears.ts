// A listener on the wire that nothing disturbs but the broker's own ends: when each was last heard, and to be well.
import { connect, type NatsConnection } from "nats";

export interface Heard {
  /** When its latest heartbeat or status came, milliseconds since the epoch. */
  at: number;
  /** When its latest status `ok` came. */
  okAt: number;
}

const SUBJECTS = ["svc.status.>", "svc.heartbeat.>"];

export class Ears implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly #heard = new Map<string, Heard>();

  private constructor(connection: NatsConnection) {
    this.connection = connection;
  }

  static async open(url: string): Promise<Ears> {
    const ears = new Ears(await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 20 }));
    for (const subject of SUBJECTS) {
      ears.connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) ears.#hear(message.subject, message.data);
        },
      });
    }
    await ears.connection.flush();
    return ears;
  }

  of(id: string): Heard {
    return this.#heard.get(id) ?? { at: 0, okAt: 0 };
  }

  #hear(subject: string, payload: Uint8Array): void {
    const [, kind, ...rest] = subject.split(".");
    const heard = this.of(rest.join("."));
    heard.at = Date.now();
    if (kind === "status" && OK.test(new TextDecoder().decode(payload))) heard.okAt = heard.at;
    this.#heard.set(rest.join("."), heard);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** No more is read of it: there are many. */
const OK = /"status":\s*"ok"/;
