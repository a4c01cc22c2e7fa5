// Where a reading begins, and where it goes on after a break: pure rules.
import type { ConsumerStart } from "../messaging/consumer.ts";
import type { FoundStream } from "../messaging/find-stream.ts";
import { checkOneOf } from "./arguments.ts";
import { MessengerOptionError } from "./errors.ts";

/** Which messages of the past are read first. `new`: none. */
export type DeliverPolicy = "all" | "last" | "new" | "by_start_time" | "last_per_subject";

/** What was read so far. */
export interface FeedPlace {
  /**
   * The last message that was taken, or that was there when there was nothing to take: its number, and when it was stored
   * (milliseconds since the epoch).
   */
  seq: number;
  time: number;
  /** All that was there has been read once: from then on nothing may be left out. */
  isCaughtUp: boolean;
  /** `created` of the stream. */
  created: string;
}

/** Messages that can never be read: they were removed before they were. */
export interface MissedMessages {
  subject: string;
  /** Their numbers in the stream, from the first to the last; both 0 when not even that is known. */
  from: number;
  to: number;
  /** True: each of them would have been read. False: some, or all, may have had other subjects. */
  isExact: boolean;
  why: "removed" | "another stream";
}

export interface FeedStart {
  start: ConsumerStart;
  missed?: Omit<MissedMessages, "subject">;
  /** Numbers begin anew: what was known of them says nothing any more. */
  isAnew?: true;
}

const POLICIES = ["all", "last", "new", "by_start_time", "last_per_subject"] as const satisfies DeliverPolicy[];

/** @throws MessengerOptionError when a reading cannot begin so */
export function checkStart(subject: string, options: { deliverPolicy?: unknown; startTime?: unknown }): void {
  const { deliverPolicy = "all", startTime } = options;
  checkOneOf(`${subject}: deliverPolicy`, deliverPolicy, POLICIES);
  const isTime = startTime instanceof Date && !Number.isNaN(startTime.getTime());
  if (startTime !== undefined && !isTime) throw new MessengerOptionError(`${subject}: startTime is no valid Date`);
  if (deliverPolicy === "by_start_time" && !isTime) {
    throw new MessengerOptionError(`${subject}: deliverPolicy "by_start_time" needs a startTime`);
  }
}

/** @param place undefined: nothing was read yet */
export function feedStart(
  policy: DeliverPolicy,
  startTime: Date | undefined,
  stream: FoundStream,
  place: FeedPlace | undefined,
): FeedStart {
  if (place && place.created !== stream.created) {
    const missed = { from: 0, to: 0, isExact: false, why: "another stream" } as const;
    return { start: { deliver_policy: "all" }, isAnew: true, missed };
  }
  const isBegun = place && (place.isCaughtUp || (place.seq > 0 && (policy === "all" || policy === "by_start_time")));
  if (!isBegun) return { start: firstStart(policy, startTime, stream) };
  // The stream has lost its end, as when the machine lost power: its numbers come again, with other messages.
  if (stream.lastSeq < place.seq) {
    const after = new Date(place.time - 1).toISOString();
    return { start: { deliver_policy: "by_start_time", opt_start_time: after }, isAnew: true };
  }
  const next = place.seq + 1;
  const start: ConsumerStart = { deliver_policy: "by_start_sequence", opt_start_seq: next };
  if (stream.firstSeq <= next) return { start };
  return { start, missed: { from: next, to: stream.firstSeq - 1, isExact: false, why: "removed" } };
}

function firstStart(policy: DeliverPolicy, startTime: Date | undefined, stream: FoundStream): ConsumerStart {
  switch (policy) {
    case "all":
    case "last":
    case "last_per_subject":
      return { deliver_policy: policy };
    case "by_start_time":
      return { deliver_policy: "by_start_time", opt_start_time: (startTime ?? new Date()).toISOString() };
    case "new":
      // By number, so that nothing is left out if the consumer is lost before the first message.
      return { deliver_policy: "by_start_sequence", opt_start_seq: stream.lastSeq + 1 };
    default:
      return policy satisfies never;
  }
}
