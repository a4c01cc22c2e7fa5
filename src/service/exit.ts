// How a service ended: told by its controller, judged by its runner.

export interface ServiceExit {
  /** 0 = clean; 1..255 = exit code; negative = killed by that signal (as -9). */
  code: number;
  /** What it was doing: ended its work, was asked to stop, or was starting, running or stopping when it went wrong. */
  phase: "completed" | "stopped" | "startup" | "running" | "stopping";
  /** One line saying what went wrong. */
  error?: string;
  /** Where in the author's own file it came from: `dome.ts:14:11`. */
  place?: string;
  /** The service published its own last status; otherwise its runner must do it. */
  reported: boolean;
  /** Its code is still running although it was told to stop: only ending the host ends it. */
  lingering?: boolean;
}
