// `tcs status --watch`: drawn in place on a terminal, line by line elsewhere.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { HAS_TMUX, openTerminal } from "../support/tmux.ts";
import { waitFor, within } from "../support/wait.ts";

const yaml = `services:
  - {type: thing, variant: one, launcher: process}
  - {type: thing, variant: two}
`;
const files = { "thing.ts": serviceFile(LOOP) };
let fleet: TestFleet;
const at = (port = fleet.broker.port) => ["--host", "127.0.0.1", "--port", String(port)];

beforeAll(async () => {
  fleet = await runFleet({ yaml, files });
  await fleet.tcs.waitForLine(/2 of 2 services running/);
});
afterAll(async () => await fleet[Symbol.asyncDispose]());

describe.skipIf(!HAS_TMUX)("on a terminal", () => {
  test("the table stays where it is, below what was there, and changes", async () => {
    await using terminal = await openTerminal();
    await terminal.shows(/[$#]/);
    await terminal.type(`echo above; tcs status --watch ${at().join(" ")}\n`);
    await terminal.shows(/^above\n● Overall ok[\s\S]*thing\.two/m);
    await runTcs(["stop", "thing.one", "--reason", "lens cleaning", ...at()]);
    await terminal.shows(/thing\.one\s+stopped.*stopped by/);
    await runTcs(["start", "thing.one", ...at()]);
    const lines = await terminal.shows(/^above\n● Overall ok[\s\S]*thing\.one\s+ok/m);
    expect(lines.filter((line) => line.includes("Overall"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("thing.one"))).toHaveLength(1);
    await terminal.press("C-c");
    await terminal.type('echo "ended $?"\n');
    await terminal.shows("ended 130");
  });

  test("after Ctrl-Z and fg it goes on below what the shell has said", async () => {
    await using terminal = await openTerminal();
    await terminal.shows(/[$#]/);
    await terminal.type(`tcs status --watch thing.one ${at().join(" ")}\n`);
    await terminal.shows(/Overall ok[\s\S]*thing\.one/);
    await terminal.press("C-z");
    await terminal.shows(/Stopped/);
    await terminal.type("echo betw''een; fg\n");
    await terminal.shows(/Overall[\s\S]*\nbetween\n[\s\S]*\n● Overall ok[\s\S]*thing\.one/);
    await runTcs(["restart", "thing.one", ...at()]);
    await terminal.shows(/\nbetween\n[\s\S]*\n● Overall ok[\s\S]*thing\.one +ok +♥ 0 s/);
    expect((await terminal.screen()).filter((line) => line.includes("Overall"))).toHaveLength(2);
  });

  test("what does not fit is counted; another size draws it anew", async () => {
    await using terminal = await openTerminal({ columns: 60, rows: 6 });
    await terminal.shows(/[$#]/);
    await terminal.type(`tcs status --watch ${at().join(" ")}\n`);
    await terminal.shows(/2 more lines: "tcs top" scrolls/);
    await terminal.resize(100, 20);
    const lines = await terminal.shows(/thing\.two/);
    expect(lines.filter((line) => line.includes("Overall"))).toHaveLength(1);
  });

  test("it stays while the broker is away, and says so", async () => {
    const port = await freePort();
    await using terminal = await openTerminal();
    await terminal.shows(/[$#]/);
    await terminal.type(`tcs status --watch ${at(port).join(" ")}\n`);
    await terminal.shows(/! no broker at nats:\/\/127\.0\.0\.1:\d+ \(connection refused\): waiting for it/);
    await using broker = await startNats({ port });
    await using _late = await runFleet({ yaml, files, broker });
    await terminal.shows(/● Overall ok[\s\S]*thing\.two\s+ok/);
    await broker.stop();
    await terminal.shows(/! broker away for \d+ s/);
    await broker.start();
    await terminal.shows(/● Overall ok {3}2 services running.*\n\n +SERVICE/);
  });
});

describe("elsewhere", () => {
  test("the table comes once, then a line for each change that is shown, until a signal", async () => {
    await using tcs = spawnTcs(["status", "--watch", ...at()]);
    await tcs.waitForLine(/thing\.two +ok/);
    const { pid } = JSON.parse((await runTcs(["status", "--json", "thing.one", ...at()])).stdout).services.find(
      ({ service_id }: { service_id: string }) => service_id === "thing.one",
    );
    process.kill(pid, "SIGKILL");
    await tcs.waitForLine(/UTC {2}× thing\.one {2}failed {2}Crashed: killed by SIGKILL/);
    await runTcs(["start", "thing.one", ...at()]);
    await tcs.waitForLine(/UTC {2}● thing\.one {2}ok {2}Service running/);
    tcs.signal("SIGTERM");
    expect(await within("its end", tcs.exited)).toBe(143);
    expect(tcs.stdout).not.toContain("\u001b");
    expect(tcs.stdout.match(/Overall/g)).toHaveLength(1);
    expect(tcs.stderr).toBe("");
  });

  test("with a word only what has it is told; as JSON an object a line", async () => {
    await using tcs = spawnTcs(["status", "--watch", "--json", "thing.one", ...at()]);
    await tcs.waitForLine(/"event":"status"/);
    await runTcs(["restart", "thing.two", ...at()]);
    await runTcs(["restart", "thing.one", ...at()]);
    await tcs.waitForLine(/"change":"start"/);
    tcs.signal("SIGINT");
    expect(await within("its end", tcs.exited)).toBe(130);
    const [first, ...changes] = tcs.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ event: "status", version: 1, overall: { status: "ok" } });
    expect(new Set(changes.map(({ service }) => service.service_id))).toEqual(new Set(["thing.one"]));
    expect(changes.map(({ change }) => change)).toEqual(expect.arrayContaining(["stop", "start", "update"]));
  });

  test("a broker that is away is waited for, and told on standard error", async () => {
    const port = await freePort();
    await using tcs = spawnTcs(["status", "--watch", ...at(port)]);
    await tcs.waitForLine(/no NATS broker at .*; waiting for it/);
    await using broker = await startNats({ port });
    await using late = await runFleet({ yaml, files, broker });
    await tcs.waitForLine(/● thing\.two {2}ok|thing\.two +ok/);
    await broker.stop();
    await tcs.waitForLine(/connection to the broker lost; waiting for it/);
    await broker.start();
    await tcs.waitForLine(/connected to the broker again/);
    await late.stop();
    await tcs.waitForLine(/○ thing\.two {2}stopped/);
    expect(tcs.stdout).not.toContain("waiting");
  });

  test("it ends at the next change when nobody reads it any more", async () => {
    const command = [tcsBinary(), "status", "--watch", ...at()].join(" ");
    const child = Bun.spawn(["sh", "-c", `${command} | head -1`], { stdio: ["ignore", "pipe", "inherit"] });
    const changes = setInterval(() => void runTcs(["restart", "thing.two", ...at()]), 500);
    expect(await within("its end", child.stdout.text())).toStartWith("● Overall");
    expect(await within("its end", child.exited)).toBe(0);
    clearInterval(changes);
  });

  test("it does not go with --check", async () => {
    const { code, stderr } = await runTcs(["status", "--watch", "--check", ...at()]);
    expect(code).toBe(2);
    expect(stderr).toContain("--watch and --check exclude each other");
  });
});

test.skipIf(!HAS_TMUX)("a terminal that cannot place text gets lines too", async () => {
  await using terminal = await openTerminal();
  await terminal.shows(/[$#]/);
  await terminal.type(`TERM=dumb tcs status --watch ${at().join(" ")}\n`);
  await terminal.shows(/Overall ok[\s\S]*thing\.two/);
  await runTcs(["restart", "thing.two", ...at()]);
  await waitFor("a line", async () => (await terminal.screen()).some((line) => /UTC {2}● thing\.two {2}ok/.test(line)));
});
