// The log files of this host.
import {
  findLocalLogs,
  followLocalLogs,
  type LocalLog,
  type LocalMark,
  mergeByTime,
  readLocalLog,
} from "../../logs/index.ts";
import type { LogSource } from "./source.ts";

export function localSource(): LogSource {
  const logs = findLocalLogs();
  const marks = new Map<string, LocalMark>();
  const readOne = async (log: LocalLog, filter: Parameters<LogSource["read"]>[1], count: number) => {
    const { lines, end } = await readLocalLog(log, filter, count);
    if (end) marks.set(log.path, end);
    return lines;
  };
  return {
    ids: [...new Set(logs.map(({ id }) => id))],
    otherIds: async () => [],
    async read(ids, filter, count) {
      const lists = [];
      for (const log of logs) if (ids?.includes(log.id) ?? true) lists.push(await readOne(log, filter, count));
      return mergeByTime(lists).slice(-count);
    },
    follow: (isSelected, onLines, signal) =>
      followLocalLogs({ select: ({ id }) => isSelected(id), marks, onLines, signal }),
    close: () => undefined,
  };
}
