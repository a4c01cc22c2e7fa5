// One question to JetStream's API, and its answer as a value: no exceptions, no management client.
import type { NatsConnection } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { describeRefusal, refusalOf } from "./permission.ts";

/** Why JetStream did not do what it was asked. */
export type JetStreamFault = {
  ok: false;
  /**
   * `no_jetstream`: the server has none (for this account); `refused`: it answered with an error; `denied`: the broker
   * does not let this user ask.
   */
  reason: "no_jetstream" | "timeout" | "disconnected" | "refused" | "denied";
  /** JetStream's own error number (`err_code`), when it gave one. */
  errCode: number | undefined;
  /** One line. */
  message: string;
};
export type JetStreamAnswer = { ok: true; value: JsonObject } | JetStreamFault;

/** JetStream error numbers we act on. */
export const JsError = {
  notEnabledForServer: 10076,
  notEnabledForAccount: 10039,
  messageNotFound: 10037,
  streamNotFound: 10059,
  streamNameInUse: 10058,
  subjectOverlap: 10065,
  wrongLastSequence: 10071,
} as const;

/** Asks `$JS.API.<question>`; `limitMs` default 5 s. Never rejects. */
export async function askJetStream(
  connection: NatsConnection,
  question: string,
  body: JsonObject = {},
  limitMs = 5_000,
): Promise<JetStreamAnswer> {
  let value: unknown;
  try {
    const answer = await connection.request(`$JS.API.${question}`, JSON.stringify(body), { timeout: limitMs });
    value = answer.json();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) return fault("denied", describeRefusal(connection, refusal));
    // The client calls that a time-out, too.
    if (connection.isClosed()) return fault("disconnected", "the connection was closed");
    // NatsError carries a code; the class itself is not worth an import.
    const code = (error as { code?: unknown }).code;
    if (code === "503") return fault("no_jetstream", "the broker runs without JetStream");
    if (code === "TIMEOUT") return fault("timeout", `JetStream did not answer within ${(limitMs / 1000).toFixed(1)} s`);
    return fault("refused", describeError(error));
  }
  if (typeof value !== "object" || value === null) return fault("refused", "JetStream's answer is no object");
  const { error } = value as { error?: { err_code?: number; description?: string } };
  // Parsed from JSON, so it is JSON.
  if (!error) return { ok: true, value: value as JsonObject };
  const disabled = error.err_code === JsError.notEnabledForServer || error.err_code === JsError.notEnabledForAccount;
  return fault(disabled ? "no_jetstream" : "refused", error.description ?? "an error without words", error.err_code);
}

function fault(reason: JetStreamFault["reason"], message: string, errCode?: number): JetStreamFault {
  return { ok: false, reason, errCode, message };
}

/** Names of the streams that store some of `subject` (wildcards allowed). */
export async function streamsOf(
  connection: NatsConnection,
  subject: string,
  limitMs?: number,
): Promise<{ ok: true; names: string[] } | JetStreamFault> {
  const answer = await askJetStream(connection, "STREAM.NAMES", { subject }, limitMs);
  if (!answer.ok) return answer;
  const { streams } = answer.value;
  const names = Array.isArray(streams) ? streams.filter((name) => typeof name === "string") : [];
  return { ok: true, names };
}
