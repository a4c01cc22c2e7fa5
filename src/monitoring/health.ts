// Health checks of one monitored object: what they say, folded into one verdict.
import { inspectBriefly } from "../common/inspect.ts";
import { ContainedCallback, type Outcome } from "./contained.ts";
import { aggregateStatus, isStatus, Status } from "./status.ts";

/** A status with a word about it. */
export interface Statement {
  status: Status;
  message?: string;
}

/** What a status or health callback may return; nothing means "no opinion". */
export type StatusAnswer = Status | Statement | null | undefined;
// `void` lets a callback that returns nothing pass.
// biome-ignore lint/suspicious/noConfusingVoidType: a function type's result
export type StatusCallback = () => StatusAnswer | void | Promise<StatusAnswer | void>;

/** What all checks of an object say together. */
export interface Verdict {
  /** The worst of what is wrong. */
  fault: { status: Status; message: string } | undefined;
  /** A check said in so many words that all is well. */
  well: boolean;
}

const UNHEALTHY: ReadonlySet<Status> = new Set([Status.DEGRADED, Status.WARNING, Status.ERROR, Status.FAILED]);

/** One status or health callback. */
export class StatusSource {
  readonly #callback: ContainedCallback<Statement | undefined>;

  constructor(kind: string, callback: StatusCallback, limitMs: number, tell: (text: string) => void) {
    this.#callback = new ContainedCallback(kind, callback, readAnswer, limitMs, tell);
  }

  get name(): string {
    return this.#callback.name;
  }

  /** Its statement; undefined when it has no opinion; a failing callback says `degraded`. Never throws or rejects. */
  ask(): Statement | undefined | Promise<Statement | undefined> {
    const outcome = this.#callback.call();
    return outcome instanceof Promise ? outcome.then((one) => this.#statementOf(one)) : this.#statementOf(outcome);
  }

  #statementOf(outcome: Outcome<Statement | undefined>): Statement | undefined {
    if (outcome.ok) return outcome.value;
    return { status: Status.DEGRADED, message: `${this.name} failed: ${outcome.fault}` };
  }
}

/** @throws Error when it is no answer */
function readAnswer(value: unknown): Statement | undefined {
  if (value === null || value === undefined) return undefined;
  if (isStatus(value)) return { status: value };
  if (typeof value === "object" && "status" in value && isStatus(value.status)) {
    const message = "message" in value && typeof value.message === "string" ? value.message : undefined;
    return message === undefined ? { status: value.status } : { status: value.status, message };
  }
  throw new Error(`it gave ${inspectBriefly(value)}, which is no status`);
}

/** Folds what several checks say. */
export function verdictOf(answers: { name: string; statement: Statement | undefined }[]): Verdict {
  const faults = answers.flatMap(({ name, statement }) =>
    statement && UNHEALTHY.has(statement.status)
      ? [{ status: statement.status, message: statement.message ?? `${name}: ${statement.status}` }]
      : [],
  );
  const well = answers.some(({ statement }) => statement !== undefined && !UNHEALTHY.has(statement.status));
  if (faults.length === 0) return { fault: undefined, well };
  const status = aggregateStatus(faults.map((fault) => fault.status));
  const message = faults
    .filter((fault) => fault.status === status)
    .map((fault) => fault.message)
    .join("; ");
  return { fault: { status, message }, well: false };
}

/** What each check says, by its function's name; a second one of the same name is numbered. */
export function checkResults(answers: { name: string; statement: Statement | undefined }[]): Record<string, Status> {
  const results: Record<string, Status> = {};
  for (const { name, statement } of answers) {
    const short = name.replace(/^health check (?=.)/, "");
    let key = short;
    for (let n = 2; Object.hasOwn(results, key); n++) key = `${short} ${n}`;
    results[key] = statement?.status ?? Status.OK;
  }
  return results;
}
