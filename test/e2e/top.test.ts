// `tcs top` as it is on a screen: the compiled binary in tmux, with a real fleet.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { runTcs } from "../support/binary.ts";
import { runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { HAS_TMUX, openTerminal, type Terminal, type TmuxOptions } from "../support/tmux.ts";
import { waitFor } from "../support/wait.ts";

const yaml = `services:
  - {type: thing, variant: one, launcher: process}
  - {type: thing, variant: two}
  - {type: thing, variant: three}
`;
const files = {
  "thing.ts": serviceFile(
    `async runService() { while (this.isRunning) { this.logger.info("tick"); await this.sleep(0.2); } }`,
  ),
};
let fleet: TestFleet;
const at = () => ["--host", "127.0.0.1", "--port", String(fleet.broker.port)];

beforeAll(async () => {
  fleet = await runFleet({ yaml, files });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
});
afterAll(async () => await fleet[Symbol.asyncDispose]());

/** `tcs top` in a shell, which tells its exit code. */
async function openTop(options: TmuxOptions & { args?: string[]; at?: string[] } = {}): Promise<Terminal> {
  const terminal = await openTerminal(options);
  await terminal.shows(/[$#]/);
  await terminal.type(`tcs top ${[...(options.at ?? at()), ...(options.args ?? [])].join(" ")}; echo "ended $?"\n`);
  return terminal;
}

/** The terminal is as it was: the shell's screen, its cursor, its line discipline. */
async function expectGivenBack(terminal: Terminal, code: number): Promise<void> {
  const lines = await terminal.shows(`ended ${code}`);
  expect(lines[0]).toContain("tcs top");
  expect(await terminal.ask("alternate_on")).toBe("0");
  expect(await terminal.ask("cursor_flag")).toBe("1");
  expect(await terminal.ask("wrap_flag")).toBe("1");
  await terminal.type("stty -a\n");
  await terminal.shows(/(?<!-)icanon[\s\S]*(?<!-)\becho\b/);
}

const selectedLine = async (terminal: Terminal) => (await terminal.screen()).find((line) => line.startsWith("▸"));

describe.skipIf(!HAS_TMUX)("tcs top", () => {
  test("shows the fleet; a filter, an order, a selection; q gives the terminal back", async () => {
    await using terminal = await openTop();
    const lines = await terminal.shows(/▸[\s\S]*thing\.two/);
    expect(lines[0]).toMatch(/^● Overall ok {3}3 services running, 1 launcher/);
    expect(lines.filter((line) => line.includes("─ thing."))).toHaveLength(3);
    expect(lines.at(-2)).toStartWith("? help  q quit  / filter");
    await terminal.press("j", "Down");
    await waitFor("the selection", async () => (await selectedLine(terminal))?.includes("thing.three"));
    await terminal.type("/two");
    await terminal.shows(/matching "two"/);
    await terminal.press("Enter");
    await waitFor(
      "one row and its launcher",
      async () => (await terminal.screen()).filter((line) => line.includes("thing.")).length === 1,
    );
    await terminal.press("Escape", "o");
    await terminal.shows("by status");
    await terminal.press("q");
    await expectGivenBack(terminal, 0);
  });

  test("a restart asks first, and tells what came of it; so do stop and start", async () => {
    await using terminal = await openTop({ args: ["thing.one"] });
    await terminal.shows(/▸[\s\S]*thing\.one/);
    await terminal.press("j", "r");
    await terminal.shows("restart thing.one?  y: yes, any other key: no");
    await terminal.press("n");
    await terminal.shows("thing.one: nothing was done");
    const before = await pidOf("thing.one");
    await terminal.press("r", "y");
    await terminal.shows(/thing\.one restarted \(pid \d+, now \d+\)/);
    expect(await pidOf("thing.one")).not.toBe(before);
    await terminal.press("s", "y");
    await terminal.shows(/thing\.one\s+stopped {2,}.*stopped by/);
    await terminal.press("S", "y");
    await terminal.shows(/thing\.one started/);
    await terminal.shows(/thing\.one\s+ok/);
  });

  test("what is pasted by mistake does nothing", async () => {
    await using terminal = await openTop({ args: ["thing.one"] });
    await terminal.shows(/▸[\s\S]*thing\.one/);
    const before = await pidOf("thing.one");
    await terminal.press("j");
    await terminal.paste("ryryq");
    await terminal.type("/");
    await terminal.paste("thing.o\nne");
    await terminal.shows(/matching "thing\.onething\.one"/);
    expect(await pidOf("thing.one")).toBe(before);
  });

  test("a crash is seen as it happens, without a key", async () => {
    await using terminal = await openTop({ args: ["thing.one"] });
    await terminal.shows(/thing\.one\s+ok/);
    process.kill(await pidOf("thing.one"), "SIGKILL");
    await terminal.shows(/× Overall failed[\s\S]*thing\.one\s+failed.*killed by/);
    await runTcs(["start", "thing.one", ...at()]);
    await terminal.shows(/● Overall ok[\s\S]*thing\.one\s+ok/);
  });

  test("the log of a service runs on, and why tells why", async () => {
    await using terminal = await openTop({ args: ["thing.two"] });
    await terminal.shows(/▸[\s\S]*thing\.two/);
    await terminal.press("j", "l");
    await terminal.shows(/Log of thing\.two, live[\s\S]*INFO +thing\.two {2}tick/);
    const first = (await terminal.screen()).at(-3);
    await waitFor("more lines", async () => (await terminal.screen()).at(-3) !== first);
    await terminal.press("Escape", "w");
    await terminal.shows(/Why thing\.two is in its state[\s\S]*State: +running[\s\S]*History:/);
    await terminal.press("?");
    await terminal.shows(/fold a launcher/);
    await terminal.press("Escape", "Escape");
    await terminal.shows(/q quit/);
  });

  test.each([
    [80, 24],
    [40, 10],
    [200, 50],
    [20, 6],
  ])("fits %i columns and %i rows, also after a resize", async (columns, rows) => {
    await using terminal = await openTop({ columns: 60, rows: 15 });
    await terminal.shows(/▸[\s\S]*thing\.two/);
    await terminal.resize(columns, rows);
    const foot = columns > 70 ? "o order" : "? help";
    await waitFor("the keys in the last line", async () => (await terminal.screen())[rows - 1]?.includes(foot));
    const lines = await terminal.screen();
    expect(lines[0]).toStartWith("● Overall ok");
    expect(lines.filter((line) => line.includes("thing") || line.includes("…")).length).toBeGreaterThan(0);
    await terminal.press("q");
    await terminal.shows(/ended 0/);
  });

  test("is in colour, but not with NO_COLOR", async () => {
    await using coloured = await openTop();
    await coloured.shows(/▸/);
    expect(await coloured.colours()).toContain("\u001b[32m");
    await using plain = await openTop({ env: { NO_COLOR: "1" } });
    await plain.shows(/▸/);
    expect(await plain.colours()).not.toContain("\u001b[3");
  });
});

describe.skipIf(!HAS_TMUX)("tcs top stays", () => {
  test("when there is no broker, when it comes, goes and comes back", async () => {
    const port = await freePort();
    await using terminal = await openTop({ at: ["--host", "127.0.0.1", "--port", String(port)] });
    await terminal.shows(/! no broker at nats:\/\/127\.0\.0\.1:\d+ \(connection refused\): waiting for it/);
    await using broker = await startNats({ port });
    await using late = await runFleet({ yaml, files, broker });
    await terminal.shows(/● Overall ok[\s\S]*thing\.two\s+ok/);
    await broker.stop();
    await terminal.shows(/! broker away for \d+ s[\s\S]*thing\.two\s+ok/);
    await terminal.press("j", "r");
    await terminal.shows("there is no connection to give orders over");
    await broker.start();
    await terminal.shows(/● Overall ok {3}3 services running[\s\S]*thing\.two\s+ok/);
    await late.stop();
    await terminal.shows(/Overall stopped/);
    await terminal.press("q");
    await expectGivenBack(terminal, 0);
  });

  test("through Ctrl-Z: the shell has the terminal meanwhile", async () => {
    await using terminal = await openTop();
    await terminal.shows(/▸[\s\S]*thing\.two/);
    await terminal.press("C-z");
    await waitFor("the shell's screen", async () => (await terminal.ask("alternate_on")) === "0");
    await terminal.type('echo between; fg; echo "back $?"\n');
    await waitFor("its own screen", async () => (await terminal.ask("alternate_on")) === "1");
    await terminal.shows(/● Overall ok[\s\S]*thing\.two/);
    await terminal.press("j", "q");
    await terminal.shows("back 0");
  });

  test("at Ctrl-Z where no shell could bring it back: as with ssh -t HOST tcs top", async () => {
    await using terminal = await openTerminal({ command: ["tcs", "top", ...at()] });
    await terminal.shows(/▸[\s\S]*thing\.two/);
    await terminal.press("C-z");
    await terminal.type("/two");
    await terminal.shows(/matching "two"/);
    await terminal.press("C-z", "Enter", "j");
    await waitFor("the selection", async () => (await selectedLine(terminal))?.includes("thing.two"));
  });

  test("suspended with all that runs with it", async () => {
    await using terminal = await openTerminal();
    await terminal.shows(/[$#]/);
    await terminal.type(`sh -c 'tcs top ${at().join(" ")}; echo "inside $?"'\n`);
    await terminal.shows(/▸[\s\S]*thing\.two/);
    await terminal.press("C-z");
    await waitFor("the shell's screen", async () => (await terminal.ask("alternate_on")) === "0");
    await terminal.type("echo betw''een; fg\n");
    await waitFor("its own screen", async () => (await terminal.ask("alternate_on")) === "1");
    await terminal.shows(/● Overall ok[\s\S]*thing\.two/);
    await terminal.press("q");
    await terminal.shows(/between[\s\S]*inside 0/);
  });
});

describe.skipIf(!HAS_TMUX)("tcs top gives the terminal back", () => {
  /** The pid of the `tcs` that runs in the terminal's shell. */
  const topPid = async (terminal: Terminal) => {
    const shell = await terminal.ask("pane_pid");
    const children = await Bun.file(`/proc/${shell}/task/${shell}/children`).text();
    return Number(children.trim());
  };

  test("at Ctrl-C, in any mode", async () => {
    await using terminal = await openTop();
    await terminal.shows(/▸[\s\S]*thing\.two/);
    await terminal.type("/tw");
    await terminal.press("C-c");
    await expectGivenBack(terminal, 0);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGHUP", 129],
  ] as const)("at %s", async (signal, code) => {
    await using terminal = await openTop();
    await terminal.shows(/▸[\s\S]*thing\.two/);
    process.kill(await topPid(terminal), signal);
    await expectGivenBack(terminal, code);
  });

  test("when the program breaks, before its error is told", async () => {
    await using terminal = await openTerminal();
    await terminal.shows(/[$#]/);
    await terminal.type(`${process.execPath} ${join(import.meta.dir, "fixtures/broken-screen.ts")}; echo "ended $?"\n`);
    const lines = await terminal.shows("ended 1");
    expect(lines.join("\n")).toContain("\nError: the roof has fallen in");
    expect(lines.join("\n")).not.toContain("all is well");
    expect(await terminal.ask("alternate_on")).toBe("0");
    expect(await terminal.ask("cursor_flag")).toBe("1");
  });

  test("when the shell around it is killed it ends", async () => {
    await using terminal = await openTop();
    await terminal.shows(/▸[\s\S]*thing\.two/);
    const pid = await topPid(terminal);
    process.kill(Number(await terminal.ask("pane_pid")), "SIGKILL");
    await waitFor("its end", () => !isAlive(pid));
  });
});

describe("where it cannot be, it says what to use instead", () => {
  test("without a terminal", async () => {
    const { code, stderr } = await runTcs(["top"]);
    expect(code).toBe(2);
    expect(stderr).toContain('tcs top: the output is no terminal\n     use "tcs status --watch"');
  });

  test.skipIf(!HAS_TMUX)("on a terminal that cannot place text", async () => {
    await using terminal = await openTerminal();
    await terminal.shows(/[$#]/);
    await terminal.type('TERM=dumb tcs top; echo "ended $?"\n');
    await terminal.shows(/tcs top: this terminal \(TERM=dumb\) cannot place text\s+use "tcs status --watch"\s+ended 2/);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function pidOf(id: string): Promise<number> {
  const { stdout } = await runTcs(["status", "--json", id, ...at()]);
  const { services } = JSON.parse(stdout) as { services: { service_id: string; pid: number }[] };
  return services.find(({ service_id }) => service_id === id)?.pid ?? 0;
}
