// The one family of errors a user can meet, and the exit codes they end with.
import { inspectBriefly } from "./inspect.ts";

/** Exit codes of every `tcs` command. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  brokerUnreachable: 4,
  configInvalid: 5,
  unhealthy: 6,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface TcsErrorOptions extends ErrorOptions {
  /** What the user can do about it: one sentence, shown on a line of its own. */
  hint?: string;
}

/** An error meant for people: `message` is one line saying what, where and what was expected. */
export class TcsError extends Error {
  /** Stable machine-readable code, as `E_CONFIG`. */
  readonly code: string = "E_TCS";
  readonly exitCode: number = ExitCode.failure;
  readonly hint: string | undefined;

  constructor(message: string, options: TcsErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** The command line was wrong. */
export class UsageError extends TcsError {
  override readonly code: string = "E_USAGE";
  override readonly exitCode: number = ExitCode.usage;
}

/** A named thing (service, file, launcher) does not exist. */
export class NotFoundError extends TcsError {
  override readonly code: string = "E_NOT_FOUND";
  override readonly exitCode: number = ExitCode.notFound;
}

/** The NATS broker cannot be reached. */
export class BrokerUnreachableError extends TcsError {
  override readonly code: string = "E_BROKER_UNREACHABLE";
  override readonly exitCode: number = ExitCode.brokerUnreachable;
}

/** This system cannot do what is asked for. */
export class UnsupportedError extends TcsError {
  override readonly code: string = "E_UNSUPPORTED";
}

/** A fault of tcs itself: something that its own rules exclude. */
export class InternalError extends TcsError {
  override readonly code: string = "E_INTERNAL";
}

/** The state folder, or a file in it, cannot be used. */
export class StateFolderError extends TcsError {
  override readonly code: string = "E_STATE_FOLDER";
}

/** One line that names any thrown value, without its stack. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(describeError).join("; ");
  }
  if (error instanceof Error) {
    const text = error.message.trim() === "" ? error.name : error.message;
    return oneLine(error.name === "Error" || error instanceof TcsError ? text : `${error.name}: ${text}`);
  }
  return oneLine(typeof error === "string" ? error : inspectBriefly(error));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}
