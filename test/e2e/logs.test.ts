// The log of a fleet: kept whole, published in part, shown anywhere, and never in anybody's way.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { pssKb } from "../bench/memory.ts";
import { canMount, smallDisk } from "../logs/support.ts";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { waitFor, within } from "../support/wait.ts";

const LINES = 100_000;
const REST = "while (this.isRunning) await this.sleep(1000);";

const stateOf = (fleet: TestFleet) => join(fleet.folder.path, ".state");
/** For a `tcs` on the fleet's host, and for one on another host. */
const here = (fleet: TestFleet) => ({ cwd: fleet.folder.path, env: { TCS_STATE_DIR: stateOf(fleet) } });
const elsewhere = (fleet: TestFleet) => ({ cwd: fleet.folder.path });

/** Messages in the log files of a service, the oldest first. */
function stored(id: string, stateDir: string): string[] {
  const folder = join(stateDir, "logs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((launcher) => {
    const files = readdirSync(join(folder, launcher)).filter((name) => name.startsWith(`${id}.jsonl`));
    const text = files
      .toSorted()
      .toReversed()
      .map((name) => readFileSync(join(folder, launcher, name), "utf8"))
      .join("");
    const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    return lines.filter((line) => line !== "").map((line): string => JSON.parse(line).message);
  });
}

/** A service that talks once it runs: `talk` are statements. */
function talker(talk: string): string {
  return serviceFile(`async runService() {
    const { writeSync } = await import("node:fs");
    ${talk}
    this.monitor.setStatus(Status.OK, "all said");
    ${REST}
  }`);
}

/** Publishes a status every 50 ms: an event loop that does not come to it is seen. */
const TICKER = serviceFile(
  `#n = 0;
  startService() {
    const timer = setInterval(() => this.monitor.setStatus(Status.OK, "tick " + this.#n++), 50);
    this.signal.addEventListener("abort", () => clearInterval(timer));
  }`,
  "BasePermanentService",
);

/** The longest pause between two status messages of the ticker, milliseconds. */
function longestPause({ wire }: TestFleet): number {
  const times = wire.of("status", "ticker.main").map(({ data }) => {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, micro = 0] = data.timestamp as number[];
    return Date.UTC(year, month - 1, day, hour, minute, second) + micro / 1000;
  });
  return Math.max(...times.slice(1).map((time, n) => time - (times[n] ?? time)));
}

const BY_LOGGER = talker(`for (let n = 0; n < ${LINES}; n++) this.logger.info("line", n);`);
const BY_OUTPUT = talker(`for (let n = 0; n < ${LINES}; n++) writeSync(1, "line " + n + "\\n");`);
const floods = [
  ...OWN_HOMES.map((home) => ({ home, how: "its logger", file: BY_LOGGER })),
  { home: "process", how: "its standard output", file: BY_OUTPUT },
];

test.each(floods)(
  "100,000 lines by $how in $home: none lost, nobody waits, memory is bounded",
  async ({ home, file }) => {
    const begunAt = performance.now();
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: flood, launcher: ${home}}\n  - {type: ticker, launcher: inline}\n`,
      files: { "flood.ts": file, "ticker.ts": TICKER },
    });
    await fleet.wire.waitFor("the end of the flood", ({ data }) => data.message === "all said");
    await waitFor("the last line", () => stored("flood.main", stateOf(fleet)).at(-1) === `line ${LINES - 1}`);
    const floodMs = performance.now() - begunAt;
    expect(stored("flood.main", stateOf(fleet))).toEqual(Array.from({ length: LINES }, (_, n) => `line ${n}`));
    const ticks = fleet.wire.of("status", "ticker.main").length;
    await waitFor("more ticks", () => fleet.wire.of("status", "ticker.main").length > ticks + 2);
    // In its launcher's own loop it is the flood itself that takes the time.
    if (home !== "inline") expect(longestPause(fleet)).toBeLessThan(0.75 * floodMs);
    expect(pssKb([fleet.tcs.pid]) / 1024).toBeLessThan(250);
    const published = fleet.wire.records.filter(({ subject }) => /^svc\.log\.\w+\.flood\.main$/.test(subject));
    expect(published.length).toBeLessThan(2_000);
  },
);

for (const home of OWN_HOMES) {
  test(`in ${home}, secrets are in no log, on no wire and in no file`, async () => {
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: thing, launcher: ${home}, key: field-secret-1, apiToken: field-secret-2}\n`,
      env: { SITE_PASSWORD: "env-secret-3" },
      files: {
        "thing.ts": `import { BaseBlockingPermanentService, BaseServiceConfig, Status, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({ key: z.string().meta({ secret: true }), apiToken: z.string() });
@service({ config: Config })
export class Thing extends BaseBlockingPermanentService {
  async runService() {
    const all = [this.config.key, this.config.apiToken, process.env.SITE_PASSWORD].join(" ");
    this.logger.info("logger", all);
    console.log("console", all);
    (await import("node:fs")).writeSync(2, "raw " + all + "\\n");
    this.monitor.setStatus(Status.OK, "status " + all);
    throw new Error("thrown " + all);
  }
}`,
      },
    });
    await fleet.wire.waitForEvent("crashed", "thing.main");
    await waitFor("the lines", () => stored("thing.main", stateOf(fleet)).some((line) => line.includes("console")));
    await fleet.stop();
    const all = [JSON.stringify(fleet.wire.records), JSON.stringify(stored("thing.main", stateOf(fleet)))];
    // What a service writes to the launcher's own stderr goes by nobody's hand.
    const printed = home === "process" ? fleet.tcs.stderr : fleet.tcs.stderr.replaceAll(/^raw .*$/gm, "");
    for (const text of [...all, printed]) {
      expect(text).not.toMatch(/secret-\d/);
      expect(text).toContain("*** *** ***");
    }
  });

  test(`in ${home}, what a service said last goes with its crash`, async () => {
    const file = serviceFile(`async runService() {
      for (let n = 0; n < 30; n++) this.logger.info("line", n);
      ${home === "process" ? `(await import("node:fs")).writeSync(2, "last words\\n"); process.kill(process.pid, "SIGKILL");` : ""}
      this.logger.error("last words");
      throw new Error("broken");
    }`);
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: thing, launcher: ${home}}\n`,
      files: { "thing.ts": file },
    });
    const { data } = await fleet.wire.waitForEvent("crashed", "thing.main");
    const tail = data.log_tail as { timestamp: number[]; level: string; message: string }[];
    expect(tail.length).toBe(20);
    expect(tail.map(({ message }) => message)).toContain("last words");
    expect(tail.map(({ message }) => message)).toContain("line 29");
    expect(tail[0]?.timestamp.length).toBe(7);
  });
}

test("a line of 5 MB, bytes that are no text, and control characters are kept as harmless lines", async () => {
  const talk = `
    this.logger.info("x".repeat(5 * 2 ** 20));
    writeSync(1, new Uint8Array([0, 1, 2, 0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 10]));
    writeSync(1, "y".repeat(5 * 2 ** 20) + "\\n");
    this.logger.info("after");`;
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: odd, launcher: process}\n",
    files: { "odd.ts": talker(talk) },
  });
  await waitFor("the last line", () => stored("odd.main", stateOf(fleet)).includes("after"));
  await waitFor(
    "all of the long line",
    () => stored("odd.main", stateOf(fleet)).join("").match(/y/g)?.length === 5 * 2 ** 20,
  );
  const lines = stored("odd.main", stateOf(fleet));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(200_000);
  expect(lines).toContain("\u0000\u0001\u0002��\u001b[2J");
  const shown = await runTcs(["logs", "odd", "--local", "--lines", "1000"], here(fleet));
  expect(shown.stdout).toContain("\\x00\\x01\\x02��\\x1b[2J");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test("lines of a launcher that is killed are in its files", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing}\n",
    files: { "thing.ts": talker(`this.logger.info("before");`) },
  });
  await waitFor("the line", () => stored("thing.main", stateOf(fleet)).includes("before"));
  expect(await fleet.stop("SIGKILL")).toBe(137);
  expect(stored("thing.main", stateOf(fleet))).toEqual(["before"]);
});

test("the launcher's own lines are kept to the very last; --quiet shows warnings only", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - thing\n",
    args: ["--quiet"],
    files: { "thing.ts": talker(`this.logger.info("small"); this.logger.warning("grave");`) },
  });
  await fleet.tcs.waitForLine(/grave/);
  await fleet.wire.waitForStatus("thing.main", "ok");
  await fleet.stop("SIGINT");
  const lines = fleet.tcs.stderr.trim().split("\n");
  expect(lines.map((line) => line.slice(24))).toEqual(["WARNING  thing.main  grave"]);
  const own = await runTcs(["logs", "tcs", "--local"], here(fleet));
  expect(own.stdout).toMatch(/tcs {2}1 of 1 service running/);
  expect(own.stdout.trim().split("\n").at(-1)).toMatch(/INFO {5}tcs {2}stopped, /);
});

describe.skipIf(!canMount)("on a disk that is full", () => {
  test("services run on, one warning says so, the broker still has the log", async () => {
    const begunAt = performance.now();
    using disk = smallDisk("1m");
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: flood}\n  - {type: ticker}\n",
      env: { TCS_STATE_DIR: disk.path },
      files: {
        "flood.ts": talker(`for (let n = 0; n < 20_000; n++) this.logger.info("line", n, "${"x".repeat(100)}");`),
        "ticker.ts": TICKER,
      },
    });
    await fleet.wire.waitFor("the end of the flood", ({ data }) => data.message === "all said");
    await fleet.tcs.waitForLine(/logs cannot be written to .*ENOSPC/);
    const ticks = fleet.wire.of("status", "ticker.main").length;
    await waitFor("more ticks", () => fleet.wire.of("status", "ticker.main").length > ticks + 5);
    expect(longestPause(fleet)).toBeLessThan(0.75 * (performance.now() - begunAt));
    const shown = await runTcs(["logs", "flood", "--lines", "1"], elsewhere(fleet));
    expect(shown.stdout).toContain("line 19");
    expect(await fleet.stop()).toBe(143);
    expect(fleet.tcs.stderr.match(/logs cannot be written/g)?.length).toBe(1);
  });
});

test("the configuration says how much is kept", async () => {
  await using fleet = await runFleet({
    yaml: "logs: {max_size: 16KB, files: 2}\nservices:\n  - thing\n",
    files: { "thing.ts": talker(`for (let n = 0; n < 1_000; n++) this.logger.info("line", n);`) },
  });
  await waitFor("the last line", () => stored("thing.main", stateOf(fleet)).at(-1) === "line 999");
  const logs = join(stateOf(fleet), "logs");
  const [launcher = ""] = readdirSync(logs);
  const names = readdirSync(join(logs, launcher)).filter((name) => name.startsWith("thing"));
  expect(names.toSorted()).toEqual(["thing.main.jsonl", "thing.main.jsonl.1"]);
  expect(names.every((name) => statSync(join(logs, launcher, name)).size <= 16 * 1024)).toBe(true);
});

test("a log folder that is removed is made again", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing}\n",
    files: {
      "thing.ts": serviceFile(
        `async runService() { for (let n = 0; this.isRunning; n++) { this.logger.info("line", n); await this.sleep(0.05); } }`,
      ),
    },
  });
  await waitFor("a line", () => stored("thing.main", stateOf(fleet)).length > 0);
  rmSync(join(stateOf(fleet), "logs"), { recursive: true });
  await waitFor("lines in a new file", () => stored("thing.main", stateOf(fleet)).length > 0);
  await fleet.stop();
  expect(fleet.tcs.stderr).not.toContain("cannot");
});

const COUNTER = serviceFile(`async runService() {
  for (let n = 0; this.isRunning; n++) { this.logger.info("count", n); await this.sleep(0.02); }
}`);

describe("tcs logs", () => {
  const TALK = serviceFile(`async runService() {
    this.logger.debug("hidden");
    this.logger.info("first");
    this.logger.child("camera").warning("second");
    this.logger.error("third");
    this.monitor.setStatus(Status.OK, "all said");
    ${REST}
  }`);
  const yaml = "services:\n  - {type: dome}\n  - {type: dome, variant: west}\n  - {type: silent}\n";
  const files = { "dome.ts": TALK, "silent.ts": serviceFile(`async runService() { ${REST} }`) };

  async function start(): Promise<TestFleet> {
    const fleet = await runFleet({ yaml, files });
    await waitFor(
      "the lines",
      () => fleet.wire.records.filter(({ subject }) => subject.startsWith("svc.log.error.")).length === 2,
    );
    return fleet;
  }

  test("shows the lines of services, types and patterns, from any host and from the files alike", async () => {
    await using fleet = await start();
    await waitFor("the files", () => stored("dome.west", stateOf(fleet)).length === 3);
    for (const options of [elsewhere(fleet), here(fleet)]) {
      for (const local of options === elsewhere(fleet) || !("env" in options) ? [[]] : [[], ["--local"]]) {
        const ask = async (...args: string[]) => {
          const { code, stdout, stderr } = await runTcs(["logs", ...args, ...local], options);
          return {
            code,
            stderr,
            lines: stdout
              .split("\n")
              .filter(Boolean)
              .map((line) => line.slice(24)),
          };
        };
        const main = ["INFO     dome.main  first", "WARNING  dome.main:camera  second", "ERROR    dome.main  third"];
        expect(await ask("dome.main")).toEqual({ code: 0, stderr: "", lines: main });
        expect((await ask("dome")).lines.length).toBe(6);
        expect((await ask("*.west", "--level", "warn")).lines).toEqual([
          "WARNING  dome.west:camera  second",
          "ERROR    dome.west  third",
        ]);
        expect((await ask("dome.main", "-n", "1")).lines).toEqual(main.slice(-1));
        expect((await ask("dome.main", "--since", "1h")).lines).toEqual(main);
        expect((await ask("dome.main", "--until", "1h")).lines).toEqual([]);
        expect((await ask("tcs")).lines.join("\n")).toContain("INFO     tcs  3 of 3 services running");
        expect((await ask()).lines.length).toBeGreaterThan(7);
      }
    }
  });

  test("--json is one object a line", async () => {
    await using fleet = await start();
    const { stdout } = await runTcs(["logs", "dome.main", "--json"], elsewhere(fleet));
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ message }) => message)).toEqual(["first", "second", "third"]);
    expect(lines[1]).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: "warning",
      service_id: "dome.main",
      source: "camera",
      message: "second",
      hostname: expect.any(String),
    });
  });

  test("tells a service that is silent from one that is unknown", async () => {
    await using fleet = await start();
    const silent = await runTcs(["logs", "silent.main"], elsewhere(fleet));
    expect(silent).toMatchObject({ code: 0, stdout: "", stderr: "tcs: no lines: silent.main logged nothing yet\n" });
    const unknown = await runTcs(["logs", "dome.mian"], elsewhere(fleet));
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toMatch(/no service "dome.mian".*\n.*did you mean "dome.main"\?/);
  });

  test("without the broker the files of the host answer, elsewhere the exit code is 4", async () => {
    await using fleet = await start();
    await waitFor("the files", () => stored("dome.main", stateOf(fleet)).length === 3);
    await fleet.broker.kill();
    const near = await runTcs(["logs", "dome.main"], here(fleet));
    expect(near.code).toBe(0);
    expect(near.stdout).toContain("dome.main  third");
    expect(near.stderr).toMatch(/no NATS broker at .*; these are the log files of this host\n$/);
    expect((await runTcs(["logs", "dome.main"], elsewhere(fleet))).code).toBe(4);
    expect(await runTcs(["logs", "--local"], elsewhere(fleet))).toMatchObject({ code: 0, stdout: "" });
  });

  test("wrong options are told, with what was expected", async () => {
    const wrong: [string[], RegExp][] = [
      [["--level", "wran"], /--level: given "wran".*\n.*did you mean warning|warn/],
      [["--since", "soon"], /--since: given "soon", expected a time span/],
      [["--lines", "-1"], /--lines/],
      [["-f", "--until", "1m"], /--until and --follow/],
    ];
    for (const [args, says] of wrong) {
      const { code, stderr } = await runTcs(["logs", ...args]);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toMatch(says);
    }
  });

  test("a reader that goes away ends it", async () => {
    await using fleet = await runFleet({ files: { "counter.ts": COUNTER }, yaml: "services:\n  - {type: counter}\n" });
    await waitFor("a file", () => stored("counter.main", stateOf(fleet)).length > 0);
    await fleet.wire.waitFor("a line", ({ subject }) => subject === "svc.log.info.counter.main");
    for (const args of ["logs", "logs -f", "logs -f --local"]) {
      const child = Bun.spawn(["sh", "-c", `"$0" ${args} | head -n 1`, tcsBinary()], {
        cwd: fleet.folder.path,
        env: { ...process.env, ...here(fleet).env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [out, err] = await within(args, Promise.all([child.stdout.text(), child.stderr.text()]));
      expect({ args, lines: out.split("\n").length, err }).toEqual({ args, lines: 2, err: "" });
    }
  });
});

/** The numbers that a follower has shown for a service. */
const counted = (stdout: string, id: string) =>
  [...stdout.matchAll(/^\S+ \S+ INFO {5}(\S+) {2}count (\d+)$/gm)].flatMap(([, who, n]) =>
    who === id ? [Number(n)] : [],
  );
const unbroken = (numbers: number[]) => numbers.every((n, at) => at === 0 || n === (numbers[at - 1] ?? 0) + 1);

describe("tcs logs -f", () => {
  test("follows two launchers over deaths of the broker, without losing or repeating a line; Ctrl-C ends it with 130", async () => {
    await using broker = await startNats();
    const files = { "counter.ts": COUNTER };
    await using first = await runFleet({ broker, files, yaml: "services:\n  - {type: counter, variant: one}\n" });
    await using second = await runFleet({
      broker,
      files,
      yaml: "services:\n  - {type: counter, variant: two, launcher: process}\n",
    });
    await waitFor("both launchers", () =>
      second.wire.records.some(({ subject }) => subject.startsWith("svc.log.info.counter.two")),
    );
    await using follower = spawnTcs(["logs", "-f", "counter"], { cwd: first.folder.path });
    const reached = (id: string, n: number) =>
      waitFor(`${id} ${n}`, () => (counted(follower.stdout, id).at(-1) ?? 0) >= n);
    for (let round = 0; round < 2; round++) {
      await Promise.all(
        ["counter.one", "counter.two"].map((id) => reached(id, (counted(follower.stdout, id).at(-1) ?? 0) + 30)),
      );
      await broker.kill();
      await Bun.sleep(1_000);
      await broker.start();
    }
    await Promise.all(
      ["counter.one", "counter.two"].map((id) => reached(id, (counted(follower.stdout, id).at(-1) ?? 0) + 50)),
    );
    follower.signal("SIGINT");
    expect(await within("the end of the follower", follower.exited)).toBe(130);
    for (const id of ["counter.one", "counter.two"])
      expect([id, unbroken(counted(follower.stdout, id))]).toEqual([id, true]);
    expect(follower.stderr).toContain("connection to the broker lost; waiting for it\n");
    expect(follower.stdout).not.toContain("not published");
  }, 90_000);

  test("follows the files of the host", async () => {
    await using fleet = await runFleet({ files: { "counter.ts": COUNTER }, yaml: "services:\n  - {type: counter}\n" });
    await waitFor("a file", () => stored("counter.main", stateOf(fleet)).length > 0);
    await using follower = spawnTcs(["logs", "-f", "--local"], here(fleet));
    await using picky = spawnTcs(["logs", "-f", "counter", "--level", "error"], here(fleet));
    await waitFor("lines", () => counted(follower.stdout, "counter.main").length > 100);
    follower.signal("SIGINT");
    expect(await within("the end of the follower", follower.exited)).toBe(130);
    expect(unbroken(counted(follower.stdout, "counter.main"))).toBe(true);
    expect(follower.stderr).toBe("");
    picky.signal("SIGINT");
    expect(await within("the end of the picky one", picky.exited)).toBe(130);
    expect(picky.stdout).toBe("");
  }, 60_000);
});
