// How a monitored object itself stands: as it was set, or as its checks found it.
import { aggregateStatus, Status } from "./status.ts";
import { shorten } from "./wire.ts";

/** A status, why, and since when (milliseconds since the epoch). */
export interface Standing {
  status: Status;
  message: string | undefined;
  time: number;
}

/** What checks say about a thing that has not begun, or is over, does not count. */
const UNCHECKED: ReadonlySet<Status> = new Set([Status.STARTUP, Status.SHUTDOWN, Status.FAILED]);
/** Where a remark would hide what matters, or be taken for it. */
const UNREMARKED: ReadonlySet<Status> = new Set([...UNCHECKED, Status.ERROR]);
const CANCELLABLE: ReadonlySet<Status> = new Set([Status.ERROR, Status.FAILED, Status.DEGRADED]);

export class OwnStanding {
  #set: Standing = { status: Status.UNKNOWN, message: undefined, time: Date.now() };
  /** What the checks found wrong, while they do. */
  #fault: Standing | undefined;
  /** What is to be known beside the status, and since when. */
  #remark: { text: string; time: number } | undefined;
  /** As last told to listeners. */
  #told: Standing = this.#set;

  /** The status as last set, whatever the checks say. */
  get set(): Status {
    return this.#set.status;
  }

  get now(): Standing {
    const standing = this.#found;
    const remark = this.#remark;
    if (!remark || UNREMARKED.has(standing.status)) return standing;
    const message = standing.message === undefined ? remark.text : `${standing.message}; ${remark.text}`;
    return { ...standing, message: shorten(message), time: Math.max(standing.time, remark.time) };
  }

  /** Without the remark. */
  get #found(): Standing {
    const fault = this.#fault;
    if (!fault || UNCHECKED.has(this.#set.status)) return this.#set;
    return aggregateStatus([this.#set.status, fault.status]) === this.#set.status && this.#set.status !== fault.status
      ? this.#set
      : fault;
  }

  put(status: Status, message?: string): void {
    const text = message === undefined || message === "" ? undefined : shorten(String(message));
    if (status === this.#set.status && text === this.#set.message) return;
    this.#set = { status, message: text, time: Date.now() };
  }

  /** Takes what the checks found. */
  find(fault: { status: Status; message: string } | undefined): void {
    const before = this.#fault;
    if (before?.status === fault?.status && before?.message === fault?.message) return;
    this.#fault = fault && { ...fault, message: shorten(fault.message), time: Date.now() };
  }

  /** Adds `text` to the message, whatever the status is, until it is taken back. */
  remark(text: string | undefined): void {
    if (text !== this.#remark?.text) this.#remark = text === undefined ? undefined : { text, time: Date.now() };
  }

  /** Forgets error, failed or degraded. @param recovered the status that takes the place of one that was set */
  cancelError(recovered: Status): void {
    if (!CANCELLABLE.has(this.#found.status)) return;
    this.#fault = undefined;
    if (CANCELLABLE.has(this.#set.status)) {
      this.#set = { status: recovered, message: "Error resolved", time: Date.now() };
    }
  }

  /** Whether there is something to tell: then it counts as told. */
  takeNews(): boolean {
    const { now } = this;
    if (now.status === this.#told.status && now.message === this.#told.message) return false;
    this.#told = now;
    return true;
  }
}
