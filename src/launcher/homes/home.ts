// What every home offers a runner: a host to talk to, and its end.
import type { Env } from "../../config/expand.ts";
import type { ServiceRow } from "../../config/types.ts";
import type { FromHost, HostSettings, ServiceSpec, ToHost } from "../../host/protocol.ts";

/** How a host's thread or process ended. */
export interface HostEnd {
  /** Exit code, negative for a signal. */
  code: number;
  /** One line of what is known about it. */
  error?: string;
  /**
   * What a supervisor of its own does next, whatever the launcher's restart policy says. Absent: the launcher is the
   * supervisor.
   */
  next?: NextLife | "none";
}

/** A life that a supervisor of its own is about to begin. */
export interface NextLife {
  /** Which restart in a row it is, from 1. */
  attempt: number;
  /** `begun`: it is there to be joined; `limit`: it was given up; `stopped`: somebody did not want it. */
  outcome: Promise<"begun" | "limit" | "stopped">;
  /** It is not wanted any more. */
  cancel(): void;
}

export interface HostHandle {
  readonly pid: number;
  /** False for the launcher's own loop, which cannot be ended for the sake of one service. */
  readonly killable: boolean;
  send(message: ToHost): void;
  /** Its services have ended: it may go, once its last reports are out. */
  end(): void;
  /** Ends it at once, with everything it started. */
  kill(): void;
  /**
   * When it last showed that it lives, monotonic milliseconds; undefined while nothing can be said about that.
   * Absent: whatever it sends shows it.
   */
  readonly lastHeardMs?: () => number | undefined;
  readonly ended: Promise<HostEnd>;
}

export interface HostOptions {
  /** Who speaks when the host itself does: a service id or a group. */
  name: string;
  settings: HostSettings;
  /** The service that it will be told to start, when it is for one only. */
  spec?: ServiceSpec;
  /** Its row. */
  row?: ServiceRow;
  /** Its environment; default: as the launcher has it now. */
  env?: Env;
  onMessage: (message: FromHost) => void;
}

export type StartHost = (options: HostOptions) => HostHandle;
