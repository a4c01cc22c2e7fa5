// Answers of the bridge: `{status: "ok", result}`, or `{status: "error", error, message, code}`, and what each means.
import { z } from "zod";
import { BadReplyError, NoAnswerError, type ObservatoryError, RefusedError, UnknownComponentError } from "./errors.ts";

const Reply = z.discriminatedUnion("status", [
  z.object({ status: z.literal("ok"), result: z.unknown() }),
  z.object({
    status: z.literal("error"),
    error: z.string(),
    message: z.string().nullish(),
    code: z.number().nullish(),
  }),
]);
type Refusal = Extract<z.output<typeof Reply>, { status: "error" }>;

/** The bridge answered for a telescope that did not. */
const SILENCE: Readonly<Record<string, string>> = {
  timeout: "the bridge had no answer from the telescope in time",
  no_response: "the bridge had an empty answer from the telescope",
  comm_error: "the bridge cannot reach the telescope",
};

const WORDS: Readonly<Record<string, string>> = {
  access_denied: "access denied: somebody else has control of the telescope",
  safety_cutoff: "the safety cut-off is engaged",
  invalid_request: "the bridge cannot make sense of the request",
  pool_exhausted: "the bridge has no room for another client",
};

/** OCABox: 1001 an address without a command, 1002 not in the tree, 3002 the component does not have it. */
const UNKNOWN = new Set([1001, 1002, 3002]);

/** The result in `data`, as `schema` gives it. @throws ObservatoryError one of its subclasses */
export function resultOf<T>(address: string, data: unknown, schema: z.ZodType<T>): T {
  const reply = Reply.safeParse(data);
  if (!reply.success) throw new BadReplyError(address, `the answer has not the form of the bridge's answers`);
  if (reply.data.status === "error") throw refusal(address, reply.data);
  const result = schema.safeParse(reply.data.result);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => [...path.map(String), message].join(": "));
  throw new BadReplyError(address, `unexpected result ${brief(reply.data.result)} (${faults.join("; ")})`);
}

function refusal(address: string, { error, message, code }: Refusal): ObservatoryError {
  const said = message ? `: ${message}` : "";
  if (UNKNOWN.has(code ?? 0)) {
    return new UnknownComponentError(address, `there is no such component or command${said}`);
  }
  const silence = SILENCE[error];
  if (silence) return new NoAnswerError(address, `${silence}${said}`);
  const words = WORDS[error];
  const text = words ? `refused: ${words}${said}` : `refused: ${message ?? error}`;
  const number = code ?? undefined;
  return new RefusedError(address, number === undefined ? text : `${text} (${number})`, { reason: error, number });
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
