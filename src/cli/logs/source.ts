// Where `tcs logs` reads: the same questions to the broker's stream and to the files of this host.
import type { LogFilter } from "../../logs/filter.ts";
import type { LogLine } from "../../logs/line.ts";

export interface LogSource {
  /** Ids that have logged something. */
  readonly ids: readonly string[];
  /** Ids that are known otherwise: services that have not logged anything. */
  otherIds(): Promise<readonly string[]>;
  /** The last `count` wanted lines of `ids` (undefined: of all), by time. */
  read(ids: readonly string[] | undefined, filter: LogFilter, count: number): Promise<LogLine[]>;
  /** Tells of every line after those that were read, until `signal` is aborted. */
  follow(isSelected: (id: string) => boolean, onLines: (lines: LogLine[]) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}
