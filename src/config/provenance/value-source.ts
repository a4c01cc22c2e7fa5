// Who set a value of the configuration: plain data, which crosses threads and the wire.
import type { Json } from "../../common/json.ts";
import type { RemoteOrigin } from "../types.ts";

/** A variable that a value took in. */
export interface VariableSource {
  variable: string;
  /** The `.env` file it stands in; absent: the environment of the process. */
  file?: string;
  line?: number;
  /** Nobody sets it: the default that is written beside it counts. */
  unset?: true;
}

export type ValueSource =
  /** An option: `--set hello_world.main.interval`, `--standby`. Never its value, which may be secret. */
  | { kind: "flag"; flag: string }
  /** What was set over NATS, beside the file. */
  | ({ kind: "remote" } & RemoteOrigin)
  | {
      kind: "file";
      file: string;
      /** 1-based. */
      line: number;
      column: number;
      /** The part of the file, when it is not the service's own row: `defaults`, `launchers.night`, `log_level`. */
      part?: string;
      /** The anchor it came from, by an alias or by `<<`. */
      anchor?: string;
      /** The variables that are in it. */
      variables?: VariableSource[];
    }
  | ({ kind: "environment" } & VariableSource)
  /** The default of the service's own schema. */
  | { kind: "schema" }
  /** What tcs takes where nobody says anything. */
  | { kind: "default" };

/** A value as one source gives it. */
export interface Given {
  value: Json;
  source: ValueSource;
}

/** Whose business a value is: the service's own field, a setting of tcs, or the connection to the broker. */
export type ValueGroup = "field" | "setting" | "broker";

/** A value that counts, and what it is stronger than. */
export interface ExplainedValue extends Given {
  /** `interval`, `limits.max`, `restart_sec`, `nats.host`. */
  key: string;
  group: ValueGroup;
  /** What other sources say, the strongest first. */
  overrode: Given[];
  /** Values are not shown. */
  secret?: true;
}
