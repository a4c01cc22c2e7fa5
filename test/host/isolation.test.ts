// In a process of its own: it takes over the process's handlers and process.exit.
import { expect, test } from "bun:test";
import { join } from "node:path";

async function run(mode: string): Promise<{ code: number; lines: string[] }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "fixtures/isolated.ts"), mode], {
    stdio: ["ignore", "pipe", "inherit"],
    // It waits for something to be told.
    timeout: 30_000,
  });
  const text = await child.stdout.text();
  return { code: await child.exited, lines: text.trim().split("\n") };
}

const cases: [string, string][] = [
  ["throws in a timer", "a.main: in a timer"],
  ["throws in an event", "a.main: in an event"],
  ["throws something that is no error", "a.main: text"],
  ["throws after an await in two services", "b.main: after an await"],
];
for (const [mode, told] of cases) {
  test(`a service that ${mode} is the one that crashes`, async () => {
    expect(await run(mode)).toEqual({ code: 0, lines: [told, "lives on"] });
  });
}

// Bun 1.4.5 gives these no asynchronous context.
for (const mode of ["rejects in a timer", "throws in a microtask"]) {
  test(`a service that ${mode} is known by the stack of its error, if at all`, async () => {
    const message = mode === "rejects in a timer" ? "unawaited" : "in a microtask";
    expect(await run(mode)).toEqual({ code: 0, lines: [`unowned: ${message}`, "lives on"] });
    expect(await run(`${mode}, stack of b`)).toEqual({ code: 0, lines: [`b.main: ${message}`, "lives on"] });
  });
}

test("of several services that an error may be of, none is left as if nothing were", async () => {
  const { lines } = await run("rejects in a timer, stack of both");
  const why = /unawaited \(isolated\.ts:\d+:\d+\); nobody awaits it, it may be of another service of this file/;
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`^a\\.main: ${why.source}`)),
    expect.stringMatching(new RegExp(`^b\\.main: ${why.source}`)),
    "lives on",
  ]);
});

test("process.exit ends the service that calls it, with its code, and nothing of that service runs on", async () => {
  expect(await run("exits")).toEqual({ code: 0, lines: ["a.main: the service called process.exit(3)", "lives on"] });
});

test("process.exit outside of services is the real one", async () => {
  expect(await run("exits outside")).toEqual({ code: 5, lines: [""] });
});

test("an error of no service is told to the host", async () => {
  expect(await run("throws outside")).toEqual({ code: 0, lines: ["unowned: nobody's", "lives on"] });
});

test("undone, all is as before", async () => {
  expect(await run("undone")).toEqual({ code: 7, lines: [""] });
});
