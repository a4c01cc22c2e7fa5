// A listener on the wire: everything published under a prefix, in the order it arrived.
import { connect } from "nats";
import { LIMIT_MS, waitFor } from "./wait.ts";

export interface WireRecord {
  subject: string;
  data: Record<string, unknown>;
  meta: Record<string, unknown>;
  /** When it arrived here, monotonic milliseconds. */
  arrivedMs: number;
}

export interface WaitOptions {
  /** The n-th record that fits; default the first. */
  count?: number;
  limitMs?: number;
}

export interface WireLog extends AsyncDisposable {
  readonly records: readonly WireRecord[];
  /** What happened to a service, in order: `declared`, `start`, `status ok`, … (heartbeats left out). */
  story(id: string): string[];
  /** Records of one kind (`registry.crashed`, `status`, `heartbeat`) of one service. */
  of(kind: string, id: string): WireRecord[];
  /** The first record that fits, past or future. */
  waitFor(what: string, fits: (record: WireRecord) => boolean, options?: WaitOptions): Promise<WireRecord>;
  /** The n-th status message that says so (the first unless told otherwise). */
  waitForStatus(id: string, status: string, count?: number): Promise<WireRecord>;
  /** The n-th registry event of the kind. */
  waitForEvent(event: string, id: string, count?: number): Promise<WireRecord>;
  /** Resolves when everything that the broker has now is recorded. */
  flush(): Promise<void>;
}

export async function listenToWire(url: string, prefix = "svc"): Promise<WireLog> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const records: WireRecord[] = [];
  const listeners = new Set<() => void>();
  connection.subscribe(`${prefix}.>`, {
    callback: (error, message) => {
      if (error) return;
      const { data, meta } = JSON.parse(new TextDecoder().decode(message.data));
      records.push({ subject: message.subject, data: data ?? {}, meta, arrivedMs: performance.now() });
      for (const listener of [...listeners]) listener();
    },
  });
  await connection.flush();
  const log: WireLog = {
    records,
    of: (kind, id) => records.filter((record) => record.subject === `${prefix}.${kind}.${id}`),
    story: (id) =>
      records.flatMap(({ subject, data }) => {
        if (subject === `${prefix}.status.${id}`) return [`status ${data.status}`];
        const match = subject.match(/\.registry\.([a-z]+)\.(.+)$/);
        return match?.[2] === id ? [String(match[1])] : [];
      }),
    waitFor: (what, fits, { count = 1, limitMs = LIMIT_MS } = {}) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = records.filter(fits)[count - 1];
          if (!found) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          listeners.delete(look);
          const seen = records.map(({ subject, data }) => `${subject} ${data.status ?? ""} ${data.message ?? ""}`);
          reject(new Error(`waited ${limitMs} ms in vain for ${what}; on the wire were:\n${seen.join("\n")}`));
        }, limitMs);
        listeners.add(look);
        look();
      }),
    waitForStatus: (id, status, count = 1) =>
      log.waitFor(
        `status ${status} of ${id} (${count})`,
        (record) => record.subject === `${prefix}.status.${id}` && record.data.status === status,
        { count },
      ),
    waitForEvent: (event, id, count = 1) =>
      log.waitFor(`${event} of ${id} (${count})`, (record) => record.subject === `${prefix}.registry.${event}.${id}`, {
        count,
      }),
    async flush() {
      // Fails while the connection is being found again.
      await waitFor("the listener's connection", () => connection.flush().then(() => true));
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
  return log;
}
