// One line of the fleet's story.
import type { Status } from "../../monitoring/status.ts";

export type EntryKind =
  | "declared"
  | "started"
  | "ready"
  | "stopping"
  | "stopped"
  | "crashed"
  | "restarting"
  | "failed"
  | "status"
  | "order";

/** How much it matters. */
export type Severity = "info" | "warning" | "error";

export interface TimelineEntry {
  /** When it happened, by the clock of who told it, milliseconds since the epoch. */
  time: number;
  serviceId: string;
  kind: EntryKind;
  severity: Severity;
  /** One line. */
  text: string;
  /** Of little interest to those who look for trouble: declarations, readiness. */
  minor: boolean;
  /** The operator who wanted it so: `ann@vm`. */
  by?: string | undefined;
  /** Why, in the operator's words. */
  reason?: string | undefined;
  status?: Status | undefined;
  /** The status before, of an entry of kind `status`. */
  previous?: Status | undefined;
  exitCode?: number | undefined;
  /** Monitor name of its launcher. */
  launcher?: string | undefined;
  host?: string | undefined;
  pid?: number | undefined;
}
