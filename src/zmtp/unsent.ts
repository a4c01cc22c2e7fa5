// Of a batch that was sent in part, the messages that nobody has got whole.
import { COMMAND, LARGE, MAX_HEADER, MORE } from "./frame.ts";

/** Whole messages of a lost connection that nobody has got, for another. */
export interface Unsent {
  pieces: readonly Uint8Array[];
  messages: number;
}

/**
 * @param batch whole messages and commands, as we have encoded them
 * @param sent how many of its bytes have gone out
 * @returns its messages that did not go out whole, together; commands were for one peer only
 */
export function unsentMessages(batch: Buffer, sent: number): Unsent[] {
  const whole: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < batch.length; ) {
    const flags = batch[at] ?? 0;
    const size = flags & LARGE ? batch.readUInt32BE(at + 5) : (batch[at + 1] ?? 0);
    at += (flags & LARGE ? MAX_HEADER : 2) + size;
    if (flags & MORE) continue;
    if (!(flags & COMMAND) && at > sent) whole.push(batch.subarray(start, at));
    start = at;
  }
  return whole.length === 0 ? [] : [{ pieces: [Buffer.concat(whole)], messages: whole.length }];
}
