// The process by which the world knows a launcher (its terminal, its supervisor, its parent): it starts each successor,
// and when the services have gone over to one, stands in for it: passes signals on, ends when it ends, with its code.
import { readFileSync } from "node:fs";
import { RUN_MARK } from "../../common/run-mark.ts";
import { signalExitCode } from "../../common/signal-codes.ts";
import type { FromHeir, Holder, ToHolder } from "./messages.ts";
import { SUCCEEDS } from "./succession.ts";

/** Begins a run with a mark of its own, in the shell that becomes it: starting anew for that would cost it its channel. */
const MARKED = `${RUN_MARK}=$$-$0 exec "$@"`;

export interface StandInOptions {
  /** The launcher in this very process. */
  holder: Holder;
  /** How to start this program as it is installed now, as `[executable, …arguments]`. */
  command: () => readonly string[];
  /** For the successor's environment: whom it succeeds. */
  succeeds: (pid: number, turn: number) => string;
}

interface Heir {
  child: Bun.Subprocess<"ignore", "inherit", "inherit">;
  error?: string;
}

export class StandIn {
  readonly #options: StandInOptions;
  /** Who has the services. */
  #holder: Holder;
  #current: Heir | undefined;
  /** Who is taking them over. */
  #heir: Heir | undefined;
  /** A launcher has two names, of which each successor bears the other. */
  #turn = 0;
  readonly #over = Promise.withResolvers<number>();

  constructor(options: StandInOptions) {
    this.#options = options;
    this.#holder = options.holder;
  }

  /** The exit code of the launcher that has the services, when it has ended. */
  get over(): Promise<number> {
    return this.#over.promise;
  }

  /** Starts a successor, unless one is at work. */
  renew(): void {
    if (this.#heir) return;
    const pid = this.#current?.child.pid ?? process.pid;
    const heir: Heir = {
      child: Bun.spawn(["/bin/sh", "-c", MARKED, crypto.randomUUID(), ...this.#options.command()], {
        // A terminal's Ctrl-C reaches this process, which passes it on: it must not come twice.
        detached: true,
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...firstEnvironment(), [SUCCEEDS]: this.#options.succeeds(pid, this.#turn) },
        ipc: (message) => this.#heard(heir, message as FromHeir),
        serialization: "json",
      }),
    };
    this.#heir = heir;
    this.#holder.expect(heir.child.pid);
    void heir.child.exited.then((code) => this.#ended(heir, code));
  }

  /** To the successor that has the services. @returns false when it is this process that has them */
  signal(signal: NodeJS.Signals): boolean {
    this.#current?.child.kill(signal);
    return this.#current !== undefined;
  }

  /** Ends a successor that has not taken over everything. Resolves when no successor is left; the other was signalled. */
  async end(): Promise<void> {
    if (this.#heir !== this.#current) this.#heir?.child.kill("SIGTERM");
    await Promise.all([this.#heir?.child.exited, this.#current?.child.exited]);
  }

  #heard(heir: Heir, message: FromHeir): void {
    switch (message.kind) {
      case "progress":
        if (heir === this.#heir) this.#holder.progress(message);
        return;
      case "failed":
        heir.error = message.error;
        return;
      case "settled":
        if (heir === this.#heir) void this.#handOver(heir);
        return;
      case "renew":
        if (heir === this.#current) this.renew();
        return;
      default:
        // A newer version's word.
        message satisfies never;
    }
  }

  async #handOver(heir: Heir): Promise<void> {
    this.#current = heir;
    this.#turn = 1 - this.#turn;
    const before = this.#holder;
    this.#holder = holderIn(heir);
    await before.leave();
    this.#heir = undefined;
    tell(heir, { kind: "yours" });
    if (heir.child.exitCode !== null || heir.child.signalCode !== null) this.#over.resolve(codeOf(heir.child));
  }

  #ended(heir: Heir, code: number): void {
    if (heir === this.#current) this.#over.resolve(codeOf(heir.child));
    else if (heir === this.#heir) {
      this.#heir = undefined;
      this.#holder.lost(heir.error ?? `the new launcher ended with code ${code}`);
    }
  }
}

/** A launcher that runs in a process of its own. */
function holderIn(heir: Heir): Holder {
  return {
    expect: (pid) => tell(heir, { kind: "heir", pid }),
    progress: (progress) => tell(heir, { ...progress, kind: "progress" }),
    lost: (error) => tell(heir, { kind: "lost", error }),
    async leave() {
      tell(heir, { kind: "leave" });
      await heir.child.exited;
    },
  };
}

function tell({ child }: Heir, message: ToHolder): void {
  if (child.exitCode === null && child.signalCode === null) child.send(message);
}

function codeOf({ exitCode, signalCode }: Heir["child"]): number {
  if (signalCode === null) return exitCode ?? 1;
  return signalExitCode(signalCode);
}

/** The environment that this program was started with, without what `.env` files have added since. */
function firstEnvironment(): Record<string, string> {
  const entries = readFileSync("/proc/self/environ", "utf8").split("\0");
  return Object.fromEntries(
    entries.flatMap((entry): [string, string][] => {
      const at = entry.indexOf("=");
      const name = entry.slice(0, at);
      return at < 0 || name === RUN_MARK ? [] : [[name, entry.slice(at + 1)]];
    }),
  );
}
