// Secrets in text become ***: values of variables and fields whose names look secret, and those declared so.
import type { Json, JsonObject } from "../common/json.ts";
import type { LogRecord } from "../common/logger.ts";
import { looksSecret, MASK, withoutPasswords } from "../common/secret-words.ts";
import type { FleetConfig } from "../config/types.ts";
import { secretsOf } from "../messaging/login.ts";
import type { ReportSink } from "../messaging/report-sink.ts";

/** Shorter values are left: `***` for every 1 in a log would hide the log. */
const SHORTEST = 4;
/** Words that are no secrets, whatever the name of their variable. */
const HARMLESS = /^(?:true|false|none|null|yes|no|on|off|enabled|disabled|default|main)$/i;
/** Fields of reports that hold free text, or a list of texts. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(["message", "error", "metric_errors"]);

export class SecretMask {
  readonly #values = new Set<string>();
  #pattern: RegExp | undefined;

  /** Takes what is secret in an environment. */
  addEnv(env: Record<string, string | undefined>): void {
    this.add(Object.entries(env).flatMap(([name, value]) => (value && looksSecret(name) ? [value] : [])));
  }

  /** Takes what a configuration says of secrets: the login of the broker, and fields whose names look secret. */
  addFleet({ nats, secrets = [], services }: Pick<FleetConfig, "nats" | "secrets" | "services">): void {
    this.add([...(nats ? secretsOf(nats) : []), ...secrets]);
    for (const { fields, overrides, module } of services) {
      if (module.kind === "program") this.addFields(module.env);
      this.addFields(fields);
      this.addFields(overrides);
    }
  }

  /** Takes the values of fields, at any depth, whose names look secret. */
  addFields(fields: unknown, isSecret = false): void {
    if (typeof fields === "string" || typeof fields === "number") {
      if (isSecret) this.add([String(fields)]);
    } else if (Array.isArray(fields)) {
      for (const item of fields) this.addFields(item, isSecret);
    } else if (typeof fields === "object" && fields !== null) {
      for (const [name, value] of Object.entries(fields)) this.addFields(value, isSecret || looksSecret(name));
    }
  }

  add(values: readonly string[]): void {
    const before = this.#values.size;
    // Of a value over several lines (a private key) each line is one: output is read line by line.
    for (const value of values.flatMap((text) => [text, ...text.split(/\r?\n/)])) {
      const trimmed = value.trim();
      if (trimmed.length >= SHORTEST && !HARMLESS.test(trimmed)) this.#values.add(trimmed);
    }
    if (this.#values.size > before) this.#pattern = undefined;
  }

  /** `text` without secrets. */
  mask(text: string): string {
    const masked = withoutPasswords(text);
    if (this.#values.size === 0) return masked;
    this.#pattern ??= patternOf(this.#values);
    return masked.replaceAll(this.#pattern, MASK);
  }

  /** An answer or a report, with the secrets masked in its free texts. */
  reply(data: JsonObject): JsonObject {
    return maskTexts(data, this) as JsonObject; // of an object comes an object
  }

  maskRecord(record: LogRecord): LogRecord {
    const message = this.mask(record.message);
    return message === record.message ? record : { ...record, message };
  }
}

/** `sink`, with the secrets masked in the messages of what it is given. */
export function maskReports(sink: ReportSink, mask: SecretMask): ReportSink {
  return {
    event: (subject, data) => sink.event(subject, mask.reply(data)),
    beat: (subject, data) => sink.beat(subject, data),
  };
}

function maskTexts(value: Json | undefined, mask: SecretMask, isText = false): Json | undefined {
  if (typeof value === "string") return isText ? mask.mask(value) : value;
  if (Array.isArray(value)) return value.map((item) => maskTexts(item, mask, isText) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, maskTexts(field, mask, TEXT_FIELDS.has(key))]),
  );
}

/** The longest first: one secret may be the beginning of another. */
function patternOf(values: Iterable<string>): RegExp {
  const escaped = [...values].toSorted((a, b) => b.length - a.length).map(RegExp.escape);
  return new RegExp(escaped.join("|"), "g");
}
