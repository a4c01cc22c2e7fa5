// Files that hang, or end the thread that checks them, are named, and hold up nobody for long.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { loadFleet } from "../../src/config/index.ts";
import { WORKER_ENTRY } from "../../src/entry/worker-url.ts";
import type { CheckResult } from "../../src/host/protocol.ts";
import { serviceSpec } from "../../src/host/service-spec.ts";
import { checkInWorkers } from "../../src/launcher/check-worker.ts";
import type { HostOptions } from "../../src/launcher/homes/home.ts";
import { workerHome } from "../../src/launcher/homes/worker.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { tempFolder } from "../support/temp.ts";

const SILENCE_MS = 2_500;
const GOOD = serviceFile(LOOP);
const startWorker = workerHome(WORKER_ENTRY);

/** What is found of services whose files are these, by type; each has two variants. */
async function check(files: Record<string, string>): Promise<Record<string, string>> {
  using folder = tempFolder();
  for (const [type, text] of Object.entries(files)) await folder.write(`${type}.ts`, text);
  const rows = Object.keys(files).flatMap((type) => [`  - ${type}.a\n`, `  - ${type}.b\n`]);
  const file = await folder.write("services.yaml", `services:\n  - hello_world\n${rows.join("")}`);
  const fleet = await loadFleet({ file, env: {}, builtinTypes: new Set(["hello_world"]) });
  const specs = fleet.services.map((row) => serviceSpec(row, fleet));
  const results = await checkInWorkers(specs, { startWorker, silenceMs: SILENCE_MS });
  expect(results.map(({ id }) => id).toSorted()).toEqual(specs.map(({ id }) => id).toSorted());
  return Object.fromEntries(results.map((result) => [result.id, words(result, folder.path)]));
}

function words({ warning, issues, refused }: CheckResult, folder: string): string {
  return (warning ?? refused ?? issues?.map(({ expected }) => expected).join() ?? "well").replaceAll(
    join(folder, "/"),
    "",
  );
}

test("a file that loops for ever, one that waits for ever and one that ends the thread are named, the others are checked", async () => {
  const found = await check({
    first: GOOD,
    loops: `while (true) {}\n${GOOD}`,
    middle: GOOD,
    waits: `await new Promise(() => {});\n${GOOD}`,
    ends: `process.exit(3);\n${GOOD}`,
    throws: `throw new Error("no driver");\n${GOOD}`,
    empty: "export const x = 1;\n",
    last: GOOD,
  });
  const unchecked = "its configuration is not checked";
  const expected: Record<string, string> = {
    first: "well",
    loops: `loops.ts stands still for 2.5 s when it is loaded: ${unchecked}`,
    middle: "well",
    waits: `waits.ts takes more than 2.5 s to load: ${unchecked}`,
    ends: `ends.ts cannot be loaded (it ended the thread): ${unchecked}`,
    throws: "cannot load throws.ts: no driver",
    empty: "empty.ts has no service in it",
    last: "well",
  };
  for (const [type, said] of Object.entries(expected)) {
    expect([type, found[`${type}.a`], found[`${type}.b`]]).toEqual([
      type,
      expect.stringContaining(said),
      expect.stringContaining(said),
    ]);
  }
  expect(found["hello_world.main"]).toBe("well");
});

test("one that talks all the while it hangs is named all the same", async () => {
  const found = await check({
    babbles: `while (true) console.log("x");\n${GOOD}`,
    hums: `setInterval(() => console.log("x"), 50);\nawait new Promise(() => {});\n${GOOD}`,
    last: GOOD,
  });
  expect(found).toMatchObject({
    "babbles.a": expect.stringContaining("babbles.ts stands still for 2.5 s"),
    "hums.b": expect.stringContaining("hums.ts takes more than 2.5 s"),
    "last.a": "well",
  });
});

test("it is silence that counts, not how long all take together", async () => {
  const slow = `{ const from = performance.now(); while (performance.now() - from < ${SILENCE_MS / 4}) {} }\n${GOOD}`;
  const late = `await new Promise((resolve) => setTimeout(resolve, ${SILENCE_MS / 4}));\n${GOOD}`;
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`s${n}`, n % 4 === 0 ? late : slow]));
  const found = await check(files);
  expect(new Set(Object.values(found))).toEqual(new Set(["well"]));
});

test("when one file after the other hangs, it ends all the same", async () => {
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`s${n}`, `while (true) {}\n${GOOD}`]));
  const from = performance.now();
  const found = await check(files);
  expect(performance.now() - from).toBeLessThan(10 * SILENCE_MS);
  // On a busy machine its thread may not have come as far.
  expect(found["s0.a"]).toMatch(/^s0\.ts (?:stands still for|takes more than) /);
  expect(found["s7.b"]).toContain(`could not be checked: no answer within ${SILENCE_MS / 1000} s`);
});

test("a Worker that does not even begin is given up", async () => {
  const mute = (_: HostOptions) => ({
    pid: 0,
    killable: true,
    send: () => undefined,
    end: () => undefined,
    kill: () => undefined,
    ended: new Promise<never>(() => undefined),
  });
  const spec = {
    id: "a.b",
    type: "a",
    variant: "b",
    module: { kind: "builtin", type: "a" },
    logLevel: "info",
    fields: {},
    overrides: {},
    subjectPrefix: "svc",
    heartbeatIntervalMs: 1,
    healthcheckIntervalMs: 1,
    watchdogMs: 1,
    terminateDelayMs: 1,
  } as const;
  expect(await checkInWorkers([spec], { startWorker: mute, silenceMs: 200 })).toEqual([
    { id: "a.b", warning: "could not be checked: no answer within 0.2 s" },
  ]);
});
