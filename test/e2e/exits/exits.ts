// The ways in which a service can end: as service files of each kind that end so, and what is to be seen of it.
import type { Home } from "../../../src/config/types.ts";

export const KINDS = ["blocking", "permanent", "single-shot"] as const;
export type Kind = (typeof KINDS)[number];

/** How a life ends, if nobody stops it. */
export type End =
  /** It does not. */
  | { how: "runs on" }
  /** Of itself, with code 0; `silent` without a word of its own. */
  | { how: "completes"; silent?: true }
  | {
      how: "crashes";
      /** Negative for a signal. */
      exitCode: number;
      /** The status that it gives itself; absent when it dies without a word. */
      says?: "error" | "failed";
      /** Before it was fully started. */
      atStart?: true;
      /** A status before its end. */
      first?: "shutdown" | "error";
    };

export interface Exit {
  /** Statements that stand in its work. */
  work?: string;
  /** Statements that stand in its `onStart` (of a permanent service `startService`). */
  onStart?: string;
  /** Statements that stand in its `onStop` (of a permanent service `stopService`). */
  onStop?: string;
  end: End | ((home: Home) => End);
  /** Default: all. */
  homes?: readonly Home[];
  /** Default: all. */
  kinds?: readonly Kind[];
}

const OWN_LOOP: readonly Home[] = ["worker", "process"];
const PROCESS: readonly Home[] = ["process"];
const WITH_MAIN_METHOD: readonly Kind[] = ["blocking", "single-shot"];
/** What goes wrong elsewhere must end the service: this does not. */
const WAIT = "await new Promise(() => {});";

/** In a loop that it shares, a service that calls `process.exit` is told so; one that has its own is gone. */
const exits =
  (exitCode: number) =>
  (home: Home): End => ({
    how: "crashes",
    exitCode,
    ...(home === "inline" ? { says: "error" } : {}),
  });
const killed = (exitCode: number): End => ({ how: "crashes", exitCode });
const HANGS: End = { how: "crashes", exitCode: -9, first: "error" };
const FAILS: End = { how: "crashes", exitCode: 1, says: "error" };

const TABLE = {
  "returns from its work": { end: { how: "completes" }, kinds: WITH_MAIN_METHOD },
  "returns from its start": { end: { how: "runs on" }, kinds: ["permanent"] },
  "calls process.exit(0)": {
    work: "process.exit(0);",
    end: (home) => (home === "inline" ? { how: "completes" } : { how: "completes", silent: true }),
  },
  "calls process.exit(7)": { work: "process.exit(7);", end: exits(7) },
  "calls process.exit(143)": { work: "process.exit(143);", end: exits(143) },
  "throws in its work": { work: 'throw new Error("lost star");', end: FAILS, kinds: WITH_MAIN_METHOD },
  "throws in onStart": {
    onStart: 'throw new Error("no power");',
    end: { how: "crashes", exitCode: 1, says: "failed", atStart: true },
  },
  "calls process.exit(0) in onStart": {
    onStart: "process.exit(0);",
    end: (home) => ({
      how: "crashes",
      exitCode: 1,
      atStart: true,
      ...(home === "inline" ? { says: "failed" } : {}),
    }),
  },
  "throws in onStop": {
    onStop: 'throw new Error("cannot park");',
    end: { how: "crashes", exitCode: 1, says: "error", first: "shutdown" },
    kinds: WITH_MAIN_METHOD,
  },
  "throws in stopService": { onStop: 'throw new Error("cannot park");', end: { how: "runs on" }, kinds: ["permanent"] },
  "rejects where nobody awaits it": { work: `Promise.reject(new Error("lost promise")); ${WAIT}`, end: FAILS },
  "throws in a timer": { work: `setTimeout(() => { throw new Error("lost timer"); }, 1); ${WAIT}`, end: FAILS },
  "asks for more memory than there is": {
    work: `let text = "x".repeat(2 ** 20); for (;;) text += text;`,
    end: FAILS,
  },
  "is killed by SIGKILL": {
    work: `process.kill(process.pid, "SIGKILL"); ${WAIT}`,
    end: killed(-9),
    homes: PROCESS,
  },
  "is ended by SIGABRT": {
    work: `process.kill(process.pid, "SIGABRT"); ${WAIT}`,
    end: killed(-6),
    homes: PROCESS,
  },
  "hangs in a loop": { work: "while (true) {}", end: HANGS, homes: OWN_LOOP, kinds: ["blocking"] },
  "hangs in a call": {
    work: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    end: HANGS,
    homes: OWN_LOOP,
  },
} as const satisfies Record<string, Exit>;
export type ExitName = keyof typeof TABLE;
export const EXITS: Readonly<Record<ExitName, Exit>> = TABLE;
// The keys of TABLE are its names.
export const EXIT_NAMES = Object.keys(TABLE) as ExitName[];

const BASES = {
  blocking: "BaseBlockingPermanentService",
  permanent: "BasePermanentService",
  "single-shot": "BaseSingleShotService",
} as const satisfies Record<Kind, string>;

/** A service of a kind that ends in a way; each of its lives leaves a line in `lives/<service id>`. */
export function exitFile(kind: Kind, { work = "", onStart = "", onStop = "" }: Exit): string {
  const main = (name: string) => `
  onStart() { ${onStart} }
  async ${name}() { await this.sleep(0.02); ${work} }
  onStop() { ${onStop} }`;
  const members = {
    blocking: main("runService"),
    "single-shot": main("execute"),
    permanent: `
  startService() { ${onStart} setTimeout(async () => { ${work} }, 20); }
  stopService() { ${onStop} }`,
  }[kind];
  return `import { appendFileSync } from "node:fs";
import { ${BASES[kind]}, service } from "ocabox-tcs";
@service
export class Thing extends ${BASES[kind]} {
  constructor() { super(); appendFileSync(\`lives/\${this.id}\`, "life\\n"); }${members}
}
`;
}
