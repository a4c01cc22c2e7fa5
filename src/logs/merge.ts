// Lines of several services as one story.
import type { LogLine } from "./line.ts";

/** Merges lists by time. Each list keeps its own order, also where its clock was set back. */
export function mergeByTime(lists: readonly (readonly LogLine[])[]): LogLine[] {
  const merged: LogLine[] = [];
  const heads = lists.filter((list) => list.length > 0).map((list) => ({ list, at: 0, time: timeAt(list, 0) }));
  while (heads.length > 1) {
    let first = heads[0];
    let second = Number.POSITIVE_INFINITY;
    for (const head of heads) {
      if (first && head.time < first.time) {
        second = first.time;
        first = head;
      } else if (head !== first) second = Math.min(second, head.time);
    }
    if (!first) break;
    // As long as it stays the earliest, without looking at the others again.
    do {
      const line = first.list[first.at++];
      if (line) merged.push(line);
      first.time = timeAt(first.list, first.at);
    } while (first.time <= second && first.at < first.list.length);
    if (first.at >= first.list.length) heads.splice(heads.indexOf(first), 1);
  }
  // One by one: a million arguments are too many for a call.
  for (const { list, at } of heads) for (const line of list.slice(at)) merged.push(line);
  return merged;
}

/** Lists of one id each. */
export function byId(lines: readonly LogLine[]): LogLine[][] {
  return [...Map.groupBy(lines, ({ id }) => id).values()];
}

function timeAt(list: readonly LogLine[], at: number): number {
  return list[at]?.record.time ?? Number.POSITIVE_INFINITY;
}
