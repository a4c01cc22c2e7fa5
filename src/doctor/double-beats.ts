// Two hearts in one service: heartbeats of one id that come by turns from two processes.
import type { HistoryEntry } from "./history.ts";
import { numberOf } from "./json.ts";

/** The senders of one id's heartbeats, while they overlap. */
export interface Double {
  id: string;
  /** `meta.sender` of each: a program has one, as long as it lives. */
  senders: string[];
}

interface Life {
  sender: string;
  first: number;
  last: number;
  sequence: number;
}

/**
 * The ids whose heartbeats come from several processes at once. A service that was restarted, or moved from one launcher
 * to another and even back, has lives one after the other: only lives that overlap are doubles.
 * @param beats in order of time; subjects are `<prefix>.heartbeat.<id>`
 */
export function findDoubles(beats: Iterable<HistoryEntry>, prefix: string): Double[] {
  const services = new Map<string, Life[]>();
  const start = `${prefix}.heartbeat.`.length;
  for (const { subject, data, meta, time } of beats) {
    const id = subject.slice(start);
    const lives = services.get(id) ?? [];
    services.set(id, lives);
    const sequence = numberOf(data.sequence) ?? Number.POSITIVE_INFINITY;
    const life = lives.findLast(({ sender }) => sender === meta.sender);
    // The count begins anew with each life; the Python framework counts nothing: one process, one life.
    if (life && (sequence > life.sequence || sequence === Number.POSITIVE_INFINITY)) {
      life.last = time;
      life.sequence = sequence;
    } else lives.push({ sender: meta.sender, first: time, last: time, sequence });
  }
  return [...services].flatMap(([id, lives]) => {
    const senders = new Set<string>();
    for (const [i, life] of lives.entries()) {
      for (const other of lives.slice(i + 1)) {
        if (other.sender === life.sender || other.first >= life.last) continue;
        senders.add(life.sender).add(other.sender);
      }
    }
    return senders.size > 0 ? [{ id, senders: [...senders] }] : [];
  });
}
