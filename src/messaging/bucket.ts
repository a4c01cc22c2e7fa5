// A JetStream key-value bucket, spoken to in the plainest way, answers as values.
import type { Msg, NatsConnection } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { askJetStream, JsError } from "./jetstream.ts";
import { natsClient } from "./nats-client.ts";
import { describeRefusal, refusalOf } from "./permission.ts";

/** What a key holds. A tombstone says that its value was taken away; `none`, that it never had one. */
export type Entry =
  | { kind: "none"; revision: 0 }
  | {
      kind: "value" | "tombstone";
      revision: number;
      data: Uint8Array;
      /** When the broker stored it, milliseconds since the epoch, by the broker's clock. */
      time: number;
    };

export interface BucketFault {
  ok: false;
  /** `away`: no connection, or no answer in time: it may or may not have been done. `forbidden`: this user may not. */
  reason: "no_bucket" | "no_jetstream" | "away" | "refused" | "forbidden";
  message: string;
}
export type Read = { ok: true; entry: Entry } | BucketFault;
export type Written = { ok: true; revision: number } | { ok: false; reason: "conflict" } | BucketFault;

const OPERATION = "KV-Operation";
/** Enough for tens of thousands of services; brokers with little room get the smaller. */
const SIZES = [16 * 2 ** 20, 2 ** 20];

export interface BucketOptions {
  name: string;
  /** What it is for, as the broker shows it. */
  description: string;
  /** How many values of each key are kept, 1 to 64; default 1. */
  history?: number;
  /** The present connection, or undefined while the broker is away. */
  connection: () => NatsConnection | undefined;
  /** For one answer, milliseconds. */
  limitMs: number;
}

export class Bucket {
  readonly name: string;
  readonly #options: BucketOptions;

  constructor(options: BucketOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** The stream that holds it. */
  get stream(): string {
    return `KV_${this.name}`;
  }

  subject(key: string): string {
    return `$KV.${this.name}.${key}`;
  }

  /** The latest entry, from the broker that decides (not from a copy). */
  async read(key: string): Promise<Read> {
    const answer = await this.#ask("STREAM.MSG.GET", { last_by_subj: this.subject(key) });
    if (answer.ok) return readMessage(answer.value);
    return answer.errCode === JsError.messageNotFound
      ? { ok: true, entry: { kind: "none", revision: 0 } }
      : fault(answer);
  }

  /** Writes a value if the key is still at `revision` (0: has no entry). */
  write(key: string, value: string, revision: number): Promise<Written> {
    return this.#publish(key, value, revision);
  }

  /** Takes the value away if the key is still at `revision`. */
  remove(key: string, revision: number, note = ""): Promise<Written> {
    return this.#publish(key, note, revision, "DEL");
  }

  /** Removes what is left of a key that nobody will write again. */
  async purge(key: string): Promise<void> {
    // What cannot be tidied up now does no harm where it is.
    await this.#ask("STREAM.PURGE", { filter: this.subject(key) });
  }

  /** Makes the bucket if it is missing. One that is there is left as it is. */
  async ensure(): Promise<{ ok: true } | BucketFault> {
    const info = await this.#ask("STREAM.INFO");
    if (info.ok) return { ok: true };
    if (info.errCode !== JsError.streamNotFound) return fault(info);
    let last = fault(info);
    for (const size of SIZES) {
      const made = await this.#ask("STREAM.CREATE", this.#config(size));
      // Made by another one in the same moment, perhaps by another version of us: it is there.
      if (made.ok || made.errCode === JsError.streamNameInUse) return { ok: true };
      last = fault(made);
    }
    return last;
  }

  #config(maxBytes: number): JsonObject {
    return {
      name: this.stream,
      description: this.#options.description,
      subjects: [this.subject(">")],
      max_msgs_per_subject: this.#options.history ?? 1,
      max_bytes: maxBytes,
      discard: "new",
      storage: "file",
      num_replicas: 1,
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
    };
  }

  async #ask(question: string, body: JsonObject = {}) {
    const connection = this.#options.connection();
    if (!connection) return AWAY;
    return await askJetStream(connection, `${question}.${this.stream}`, body, this.#options.limitMs);
  }

  async #publish(key: string, value: string, revision: number, operation?: string): Promise<Written> {
    const connection = this.#options.connection();
    if (!connection) return fault(AWAY);
    const { headers } = await natsClient();
    const header = headers();
    header.set("Nats-Expected-Last-Subject-Sequence", String(revision));
    if (operation !== undefined) header.set(OPERATION, operation);
    try {
      const answer = await connection.request(this.subject(key), value, {
        timeout: this.#options.limitMs,
        headers: header,
      });
      return readAck(answer);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal) return { ok: false, reason: "forbidden", message: describeRefusal(connection, refusal) };
      // NatsError carries a code; the class itself is not worth an import.
      const { code } = error as { code?: unknown };
      if (code === "503") return { ok: false, reason: "no_bucket", message: `the bucket ${this.name} is missing` };
      return { ok: false, reason: "away", message: describeError(error) };
    }
  }
}

/** Whether a message to a key of a bucket takes its value away. */
export function isRemoval(message: Msg): boolean {
  return message.headers?.has(OPERATION) === true;
}

const AWAY = { ok: false, reason: "disconnected", errCode: undefined, message: "the broker is away" } as const;

function fault({ reason, errCode, message }: { reason: string; errCode: number | undefined; message: string }) {
  const word: BucketFault["reason"] =
    errCode === JsError.streamNotFound
      ? "no_bucket"
      : reason === "denied"
        ? "forbidden"
        : reason === "no_jetstream"
          ? "no_jetstream"
          : reason === "refused" && errCode !== undefined
            ? "refused"
            : "away";
  return { ok: false, reason: word, message } satisfies BucketFault;
}

function readAck(answer: Msg): Written {
  // The broker's own answer; its fields are checked before they are believed.
  const { seq, error } = answer.json<{ seq?: number; error?: { err_code?: number; description?: string } }>();
  if (error?.err_code === JsError.wrongLastSequence) return { ok: false, reason: "conflict" };
  if (error || typeof seq !== "number") {
    return { ok: false, reason: "refused", message: error?.description ?? "an answer without a revision" };
  }
  return { ok: true, revision: seq };
}

function readMessage({ message }: JsonObject): Read {
  // As above: what the broker says of a message it stored.
  const { seq, data, hdrs, time } = (message ?? {}) as { seq?: number; data?: string; hdrs?: string; time?: string };
  if (typeof seq !== "number" || typeof time !== "string") {
    return { ok: false, reason: "refused", message: "an answer without a message" };
  }
  const header = hdrs === undefined ? "" : Buffer.from(hdrs, "base64").toString();
  const kind = header.includes(`${OPERATION}:`) ? "tombstone" : "value";
  return {
    ok: true,
    entry: { kind, revision: seq, data: Buffer.from(data ?? "", "base64"), time: Date.parse(time) },
  };
}
