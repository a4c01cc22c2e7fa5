// Who asked this launcher to change something, and what came of it: a line in its log for each.
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { RpcCall } from "../../messaging/index.ts";
import { describeOwner, readSuccessor } from "../ownership/index.ts";
import type { Outcome } from "./conductor.ts";
import { oneLine } from "./one-line.ts";
import { type Order, readAsker } from "./order.ts";

const LONGEST_ID = 100;
const LONGEST_FAULT = 500;

export class ControlLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** An order that was carried out, or could not be. */
  order(id: string, { kind, by, reason }: Order, { result, done, ...outcome }: Outcome): void {
    const words = `${id}: ${kind} by ${by}${reason === undefined ? "" : ` ("${reason}")`}: ${result.replaceAll("_", " ")}`;
    this.#tell(done, outcome.reason === undefined ? words : `${words}; ${outcome.reason}`);
  }

  /** A service that was given to another launcher. */
  released(id: string, call: RpcCall): void {
    this.#tell(true, `${id}: release by ${whoOf("release", call)}: released`);
  }

  /** Something that nothing was done about. */
  refused(id: string, verb: string, call: RpcCall, error: unknown): void {
    this.#tell(
      false,
      `${oneLine(id, LONGEST_ID)}: ${verb} by ${whoOf(verb, call)}: refused; ${oneLine(describeError(error), LONGEST_FAULT)}`,
    );
  }

  /** A command that a service declares. What it was called with may be secret. */
  command(id: string, call: RpcCall, milliseconds: number, error?: unknown): void {
    // `by` in its argument would be the command's own.
    const { by } = readAsker({ ...call, data: {} });
    const head = `${id}: command ${oneLine(call.command, LONGEST_ID)} by ${by}`;
    if (error === undefined) this.#tell(true, `${head}: done in ${Math.round(milliseconds)} ms`);
    else this.#tell(false, `${head}: failed; ${oneLine(describeError(error), LONGEST_FAULT)}`);
  }

  #tell(done: boolean, line: string): void {
    if (done) this.#logger.info(line);
    else this.#logger.warning(line);
  }
}

/** A launcher that takes a service over says who it is in its own way. */
function whoOf(verb: string, call: RpcCall): string {
  const successor = verb === "release" ? readSuccessor(call.data) : undefined;
  return successor ? describeOwner({ kind: "lease", ...successor }) : readAsker(call).by;
}
