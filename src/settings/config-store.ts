// The values that are kept on the broker: read, with their history, and written if nobody was faster.
import type { NatsConnection } from "nats";
import { BrokerUnreachableError, type TcsError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Scope } from "../config/overlay.ts";
import { Bucket, type BucketFault } from "../messaging/bucket.ts";
import type { JetStreamFault } from "../messaging/jetstream.ts";
import { PermissionDeniedError } from "../messaging/permission.ts";
import { SettingsStoreError } from "./errors.ts";
import { configBucketName, keyOf, scopeOf } from "./names.ts";
import { decodeSetting, encodeSetting, type ReadSetting } from "./setting.ts";
import { readValues } from "./stored-values.ts";

/** How many revisions of each are kept: as many as a bucket can. */
const HISTORY = 64;
/** For one answer of the broker, milliseconds. */
const LIMIT_MS = 2_000;

/** How the broker says that there is no more room. */
const FULL = /maximum (?:bytes|messages) exceeded|insufficient|no space/i;
const FULL_HINT =
  "there is no more room: nothing was stored, and what is in use stays; give the bucket or the broker more";
/** What a fault of JetStream is for a bucket. */
const FAULTS: Partial<Record<JetStreamFault["reason"], BucketFault["reason"]>> = {
  no_jetstream: "no_jetstream",
  denied: "forbidden",
  timeout: "away",
  disconnected: "away",
};

/** `conflict`: somebody else was faster, and this is theirs. */
export type Stored = { ok: true; revision: number } | { ok: false; reason: "conflict"; now: ReadSetting } | BucketFault;

export class ConfigStore {
  readonly #bucket: Bucket;
  readonly #connection: () => NatsConnection | undefined;

  constructor(prefix: string, connection: () => NatsConnection | undefined, limitMs = LIMIT_MS) {
    this.#connection = connection;
    const description = "configuration of services (tcs)";
    this.#bucket = new Bucket({ name: configBucketName(prefix), description, history: HISTORY, connection, limitMs });
  }

  /** Name of the bucket. */
  get name(): string {
    return this.#bucket.name;
  }
  /** The stream that holds it. */
  get stream(): string {
    return this.#bucket.stream;
  }

  /** The subjects of all its keys. */
  get subjects(): string {
    return this.#bucket.subject(">");
  }

  /** What a message of the bucket says; undefined for a key that is not ours. */
  decode(message: { subject: string; data: Uint8Array; seq: number; time: number }): ReadSetting | undefined {
    const scope = scopeOf(message.subject.slice(this.#bucket.subject("").length));
    return scope && decodeSetting(scope, message.data, message);
  }

  /** Makes the bucket if it is missing. */
  ensure(): Promise<{ ok: true } | BucketFault> {
    return this.#bucket.ensure();
  }

  /** What is set for a scope now; revision 0 when nothing ever was. @throws TcsError when it cannot be read */
  async read(scope: Scope): Promise<ReadSetting> {
    const read = await this.#bucket.read(keyOf(scope));
    if (!read.ok) {
      if (read.reason === "no_bucket") return { scope, fields: {}, revision: 0, time: 0 };
      throw this.faultError(read);
    }
    const { entry } = read;
    if (entry.kind === "none") return { scope, fields: {}, revision: 0, time: 0 };
    const data = entry.kind === "value" ? entry.data : new Uint8Array();
    return decodeSetting(scope, data, { seq: entry.revision, time: entry.time });
  }

  /** Everything that is set, or was and was taken back. @throws TcsError when it cannot be read */
  async readAll(): Promise<ReadSetting[]> {
    return await this.#readValues(this.subjects, "last_per_subject");
  }

  /** The revisions of a scope that are kept, the oldest first. @throws TcsError when they cannot be read */
  async history(scope: Scope): Promise<ReadSetting[]> {
    return await this.#readValues(this.#bucket.subject(keyOf(scope)), "all");
  }

  /** Stores values if the scope is still at `revision` (0: has none). Makes the bucket if it is missing. Never rejects. */
  async write(scope: Scope, fields: JsonObject, by: string, revision: number, restored?: number): Promise<Stored> {
    const text = encodeSetting(fields, by, restored);
    const write = () => this.#bucket.write(keyOf(scope), text, revision);
    let written = await write();
    if (!written.ok && written.reason === "no_bucket") {
      const made = await this.ensure();
      if (!made.ok) return made;
      written = await write();
    }
    if (written.ok || written.reason !== "conflict") return written;
    try {
      return { ok: false, reason: "conflict", now: await this.read(scope) };
    } catch {
      // It was not written; who was faster the broker does not tell.
      return { ok: false, reason: "away", message: "somebody else was faster" };
    }
  }

  /** What a fault of the bucket means for a command. */
  faultError({ reason, message }: BucketFault): TcsError {
    switch (reason) {
      case "away":
        return new BrokerUnreachableError(`${this.name}: the broker does not answer (${message})`);
      case "forbidden":
        return new PermissionDeniedError(
          `${this.name}: ${message}`,
          "to set values is for operators, to see them for viewers: whoever runs the broker can allow it (docs/security.md)",
        );
      case "no_jetstream":
        return new SettingsStoreError(`${this.name} cannot be kept: ${message}`, {
          hint: "start nats-server with -js",
        });
      case "no_bucket":
      case "refused":
        return new SettingsStoreError(
          `${this.name}: the broker refused: ${message}`,
          FULL.test(message) ? { hint: FULL_HINT } : {},
        );
      default:
        return reason satisfies never;
    }
  }

  async #readValues(subject: string, which: "all" | "last_per_subject"): Promise<ReadSetting[]> {
    const connection = this.#connection();
    if (!connection) throw this.faultError({ ok: false, reason: "away", message: "no connection" });
    const read = await readValues(connection, this.stream, subject, which);
    if (read.ok) return read.values.flatMap((value) => this.decode(value) ?? []);
    throw this.faultError({ ok: false, reason: FAULTS[read.reason] ?? "refused", message: read.message });
  }
}
