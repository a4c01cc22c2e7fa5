// What a supervisor must be able to do to be measured beside the others.
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { childrenOf } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

/** What all of them are given to run, and where. */
export interface Stage {
  /** For this run of this supervisor alone, empty. */
  readonly folder: string;
  /** Names of the programs: `n1` and on. */
  readonly names: readonly string[];
  /** Absolute path of the executable of that name; it needs no arguments. */
  program(name: string): string;
  /** A pipe that a service says its name and pid to, as `n1 4711` and a line end. */
  readonly pipe: string;
}

/** A supervisor that has been started. Disposing waits for its end, which `stop` has asked for. */
export interface Supervisor extends AsyncDisposable {
  /** All its processes without what it runs. */
  pids(services: ReadonlySet<number>): number[];
  /** Asks for the end of all it runs, as its documents say. */
  stop(): void;
  /** The pid of a service as this machine counts, where the service itself counts otherwise. */
  pidHere?(pid: number): number;
  /** How a service is ended that cannot be ended with SIGKILL; asked for when all run. */
  ender?(): Promise<(name: string) => void>;
}

export interface Contestant {
  readonly name: string;
  readonly version: string;
  /** Its services share memory with it, or live in its process: it is measured together with them. */
  readonly withServices?: boolean;
  /** Writes its configuration. @returns what starts it, and nothing else */
  prepare(stage: Stage): Promise<() => Supervisor>;
}

/** A kind of supervisor, before it is known whether it can be had here. */
export interface Candidate {
  readonly name: string;
  /** @throws Error when it cannot be had */
  fetch(place: Place): Promise<Contestant[]>;
}

export interface Place {
  /** To fetch it into; empty. */
  readonly folder: string;
  /** Where stages, programs and their pipe are. */
  readonly shared: string;
  /** What is put here ends with the bench. */
  readonly stack: AsyncDisposableStack;
}

/** A process and all below it, without services and what is below those. */
export function treeOf(root: number, services: ReadonlySet<number>): number[] {
  const below = childrenOf(root).filter((pid) => !services.has(pid));
  return [root, ...below.flatMap((pid) => treeOf(pid, services))];
}

/** A supervisor that is one child of ours, and ends all it runs at a signal. */
export function asChild(child: Bun.Subprocess, signal: NodeJS.Signals): Supervisor {
  return {
    pids: (services) => treeOf(child.pid, services),
    stop: () => child.kill(signal),
    async [Symbol.asyncDispose]() {
      await waitFor(`the end of ${child.pid}`, () => child.exitCode !== null || child.signalCode !== null);
    },
  };
}

/** Where a supervisor writes, for `stdio`: a file of its stage. Close it when the child is there. */
export function logOf(stage: Stage): { fd: number; close(): void } {
  const fd = openSync(join(stage.folder, "supervisor.log"), "a");
  return { fd, close: () => closeSync(fd) };
}

/** Runs a command to its end; returns what it wrote. @throws Error with the first line of its complaint */
export function run(argv: string[], options: { cwd?: string; env?: Record<string, string> } = {}): string {
  const [program = ""] = argv;
  if (!Bun.which(program)) throw new Error(`there is no ${program} here`);
  const done = Bun.spawnSync(argv, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  });
  if (done.exitCode === 0) return done.stdout.toString().trim();
  const complaint = done.stderr.toString().trim().split("\n").at(-1) ?? "";
  throw new Error(`${argv.slice(0, 3).join(" ")} ended with ${done.exitCode}: ${complaint}`);
}
