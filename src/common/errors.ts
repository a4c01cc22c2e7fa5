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

/**
 * An error meant for people: `message` is one line saying what, where and what was expected.
 * @cause A service or a program of yours has thrown it: tcs itself throws only the classes below.
 * @remedy Read its message: who wrote the service says there what was expected.
 * @example somebody answers on svc.ocabox.rpc already: a telescope, a bridge or a simulator
 */
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

/**
 * The command line was wrong.
 * @cause A word, an option or a value on the command line is not one that the command takes.
 * @remedy Do what the second line says, or look at the examples of "tcs COMMAND --help".
 * @example tcs status: unknown option --jsno
 */
export class UsageError extends TcsError {
  override readonly code: string = "E_USAGE";
  override readonly exitCode: number = ExitCode.usage;
}

/**
 * A named thing (service, file, launcher) does not exist.
 * @cause What the command line names (a service, a launcher, a file) is not there, or not known to this broker.
 * @remedy Compare the name with "tcs list" and "tcs status --all"; with --config or --host, make sure that it is
 *   the right broker.
 * @example no service "camera.main"
 */
export class NotFoundError extends TcsError {
  override readonly code: string = "E_NOT_FOUND";
  override readonly exitCode: number = ExitCode.notFound;
}

/**
 * The NATS broker cannot be reached.
 * @cause No NATS broker answers at the address, or it refuses the login, the certificate or the connection.
 * @remedy Start one ("tcs run" or "tcs broker"), or name the right one (--host, nats: in the configuration,
 *   TCS_NATS_URL); "tcs doctor" says which address counts and why.
 * @example no NATS broker at nats://localhost:4999 (address from: command line): connection refused
 */
export class BrokerUnreachableError extends TcsError {
  override readonly code: string = "E_BROKER_UNREACHABLE";
  override readonly exitCode: number = ExitCode.brokerUnreachable;
}

/**
 * This system cannot do what is asked for.
 * @cause The operating system, or the sandbox that tcs runs in, lacks a call that the command needs.
 * @remedy Use a Linux or macOS host; in a container, loosen the profile that forbids the call.
 * @example tcs test does not work on win32
 */
export class UnsupportedError extends TcsError {
  override readonly code: string = "E_UNSUPPORTED";
}

/**
 * A fault of tcs itself: something that its own rules exclude.
 * @cause One part of tcs has broken a rule that another part relies on: it is a fault of tcs.
 * @remedy Run it again with --verbose, and report the message with what is below it.
 * @example only a foreign program can be run here
 */
export class InternalError extends TcsError {
  override readonly code: string = "E_INTERNAL";
}

/**
 * The state folder, or a file in it, cannot be used.
 * @cause The folder for logs, locks and the broker's data cannot be made, written to or run programs from, or a
 *   file in it is damaged.
 * @remedy Set TCS_STATE_DIR to a folder of your own on a disk that has room; "tcs doctor" checks it.
 * @example cannot create the state folder /proc/tcs/broker: ENOENT: no such file or directory, mkdir
 *   '/proc/tcs/broker'
 */
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
