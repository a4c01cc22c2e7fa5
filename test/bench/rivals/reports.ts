// What the programs say when they run: a line each through one pipe.
import { constants, openSync } from "node:fs";
import { within } from "../../support/wait.ts";

export interface Report {
  name: string;
  pid: number;
  /** When it was heard, by `performance.now()`. */
  atMs: number;
}

export interface Reports extends AsyncDisposable {
  /** Forgets what was said so far. */
  clear(): void;
  /** The latest report of each, when so many have spoken. */
  all(count: number): Promise<Map<string, Report>>;
  /** The next report of one. */
  next(name: string): Promise<Report>;
}

/** How long anything may take, milliseconds: far more than the slowest needs. */
const LIMIT_MS = 60_000;

/** Whole lines of `NAME PID`, and the beginning of one that is not whole yet. */
export function readReports(text: string): { said: { name: string; pid: number }[]; rest: string } {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  const said = lines.flatMap((line) => {
    const [, name, pid] = /^(\S+) (\d+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, pid: Number(pid) }];
  });
  return { said, rest };
}

/** The text of a program that says that it runs, and then does nothing until it is ended. */
export function programText(name: string, pipe: string): string {
  return `#!/bin/sh\necho "${name} $$" >"${pipe}"\nexec sleep 1000000\n`;
}

/** Makes a pipe and listens to it. */
export function openReports(pipe: string): Reports {
  Bun.spawnSync(["mkfifo", pipe]);
  // Open for writing too: it never ends, and no program has to wait for a reader.
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const reader = Bun.file(fd).stream().getReader();
  const latest = new Map<string, Report>();
  const waiting = new Set<(report: Report) => void>();
  const listening = (async () => {
    const decoder = new TextDecoder();
    let pending = "";
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) return;
      const atMs = performance.now();
      const { said, rest } = readReports(pending + decoder.decode(value, { stream: true }));
      pending = rest;
      for (const one of said) {
        const report = { ...one, atMs };
        latest.set(report.name, report);
        for (const hear of waiting) hear(report);
      }
    }
  })();
  const when = <T>(what: string, answer: (report?: Report) => T | undefined) => {
    const { promise, resolve } = Promise.withResolvers<T>();
    const hear = (report?: Report) => {
      const found = answer(report);
      if (found !== undefined) resolve(found);
    };
    waiting.add(hear);
    hear();
    return within(what, promise, LIMIT_MS).finally(() => waiting.delete(hear));
  };
  return {
    clear: () => latest.clear(),
    all: (count) => when(`the start of ${count}`, () => (latest.size >= count ? new Map(latest) : undefined)),
    next: (name) => when(`the next start of ${name}`, (report) => (report?.name === name ? report : undefined)),
    async [Symbol.asyncDispose]() {
      await reader.cancel();
      await listening;
    },
  };
}
