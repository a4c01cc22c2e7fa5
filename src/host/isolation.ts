// Services that share an event loop: whose code is running, and what one may not do to the others.
import { AsyncLocalStorage } from "node:async_hooks";
import { placeOf } from "../common/error-place.ts";
import { describeError, TcsError } from "../common/errors.ts";
import { type ServiceController, ServiceExitRequest } from "../service/index.ts";

/** To whom running code belongs. */
export type CodeOwner = Pick<ServiceController, "id" | "crash">;

const current = new AsyncLocalStorage<CodeOwner>();

/** Runs `run` as code of `owner`. */
export function runAs<T>(owner: CodeOwner, run: () => T): T {
  return current.run(owner, run);
}

/** The service whose code is running, as far as the asynchronous context tells. */
export function currentServiceId(): string | undefined {
  return current.getStore()?.id;
}

export interface IsolationOptions {
  /** The services that an error may belong to by its stack, when the running context does not tell. */
  ownersOf: (error: unknown) => readonly CodeOwner[];
  /** An error that belongs to no service that is known. */
  onUnowned: (error: unknown) => void;
  /** `process.exit` ends just the service that calls it. */
  guardExit: boolean;
}

/**
 * An error that nobody awaits, of one of several services of the same file in this event loop.
 * @cause A promise or a callback that nobody awaits has failed, in one of several services of a file that share an
 *   event loop.
 * @remedy Await it, or catch its failure, in the service; a home of its own (launcher: worker) shows which one it
 *   is.
 * @example ECONNREFUSED; nobody awaits it, it may be of another service of this file in the same event loop
 */
class SharedError extends TcsError {
  override readonly code = "E_SHARED";

  constructor(cause: unknown) {
    const place = placeOf(cause);
    const what = `${describeError(cause)}${place === undefined ? "" : ` (${place})`}`;
    super(`${what}; nobody awaits it, it may be of another service of this file in the same event loop`, { cause });
  }
}

/**
 * Turns errors that nobody awaits, and `process.exit`, into the end of the service they come from.
 * @returns a function that undoes it
 */
export function isolateServices(options: IsolationOptions): () => void {
  const onError = (error: unknown) => {
    // The exit request has done its work when it was made; this is only its unwinding.
    if (error instanceof ServiceExitRequest) return;
    const running = current.getStore();
    const owners = running ? [running] : options.ownersOf(error);
    if (owners.length === 0) options.onUnowned(error);
    // Whose it is cannot be told: none that may have lost a part of itself is left to look well.
    const told = owners.length > 1 ? new SharedError(error) : error;
    for (const owner of owners) owner.crash(told);
  };
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onError);
  const exit = process.exit.bind(process);
  const original = process.exit;
  if (options.guardExit) {
    process.exit = (code?: number | string | null): never => {
      const owner = current.getStore();
      if (!owner) return exit(code);
      const request = new ServiceExitRequest(Number(code ?? process.exitCode ?? 0));
      owner.crash(request);
      throw request;
    };
  }
  return () => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onError);
    process.exit = original;
  };
}
