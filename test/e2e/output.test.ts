// What operators read: one clear line each, whoever listens, and never more than the truth.
import { describe, expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { spawnTcs, tcsBinary } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { textChunks } from "../support/text.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const MEBIBYTE = 2 ** 20;

test("a service that writes 10 MB to each of its outputs runs on, and every line arrives whole", async () => {
  const line = "x".repeat(1023);
  const file = serviceFile(`async runService() {
    const { writeSync } = await import("node:fs");
    for (let n = 0; n < 10 * 1024; n++) { writeSync(1, "${line}\\n"); writeSync(2, "${line}\\n"); }
    writeSync(2, "y".repeat(3 * ${MEBIBYTE}) + "\\n");
    this.monitor.setStatus(Status.OK, "all written");
    while (this.isRunning) await this.sleep(1000);
  }`);
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: chatty, launcher: process}\n  - hello_world\n",
    files: { "chatty.ts": file },
  });
  await fleet.wire.waitFor("the end of the talk", ({ data }) => data.message === "all written");
  await fleet.stop();
  const lines = fleet.tcs.stderr.split("\n");
  expect(lines.filter((text) => text.endsWith(`INFO     chatty.main  ${line}`)).length).toBe(10 * 1024);
  expect(lines.filter((text) => text.endsWith(`WARNING  chatty.main  ${line}`)).length).toBe(10 * 1024);
  expect(fleet.tcs.stderr.match(/y/g)?.length).toBeGreaterThanOrEqual(3 * MEBIBYTE);
});

for (const home of OWN_HOMES) {
  test(`in ${home}, Unicode goes through names, paths, messages and logs as it is, what acts on a terminal is shown escaped`, async () => {
    const said = "Teleskop žluťoučký 🔭 望遠鏡 \u202e";
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: thing, variant: 望遠鏡, module: "./mé složky/望 遠%20.ts", says: "${said}"}\n`,
      args: ["--launcher", home],
      files: {
        "mé složky/望 遠%20.ts": `import { BaseBlockingPermanentService, BaseServiceConfig, service, Status } from "ocabox-tcs";
import { z } from "zod";
@service({ config: BaseServiceConfig.extend({ says: z.string() }) })
class Thing extends BaseBlockingPermanentService {
  async runService() {
    this.monitor.setStatus(Status.BUSY, this.config.says);
    this.logger.info(this.config.says);
    this.logger.info("bad \\x1b[31mred\\x1b[0m \\x07bell");
    console.log("two\\nlines");
    while (this.isRunning) await this.sleep(1000);
  }
}`,
      },
    });
    const busy = await fleet.wire.waitForStatus("thing.望遠鏡", "busy");
    expect(busy.data.message).toBe(said);
    await fleet.tcs.waitForLine(/thing\.望遠鏡 {2}lines$/m);
    expect(fleet.tcs.stderr).toContain(`thing.望遠鏡  ${said.replace("\u202e", "\\u202e")}`);
    expect(fleet.tcs.stderr).toContain("bad \\x1b[31mred\\x1b[0m \\x07bell");
  });
}

test("lines are plain when piped; stdout, which is for data, stays empty", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.tcs.waitForLine(/Hello World!/);
  await fleet.stop();
  expect(fleet.tcs.stdout).toBe("");
  expect(fleet.tcs.stderr).not.toContain("\x1b");
  for (const line of fleet.tcs.stderr.trim().split("\n")) {
    expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) +\S+ {2}\S/);
  }
});

/** Runs `tcs ARGS` on a terminal of its own (util-linux's script). */
async function onTerminal(args: string, env: Record<string, string>, until: RegExp): Promise<string> {
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${await freePort()}}\nservices:\n  - hello_world\n`);
  const child = Bun.spawn(["script", "-qec", `${tcsBinary()} ${args}`, "/dev/null"], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let said = "";
  let asked = false;
  for await (const chunk of textChunks(child.stdout)) {
    said += chunk;
    if (!until.test(said) || asked) continue;
    asked = true;
    // Ctrl-C as a terminal sends it: to the whole foreground group.
    child.stdin.write("\x03");
    await child.stdin.flush();
  }
  await child.exited;
  return said;
}

test("a terminal has colours, unless NO_COLOR says no; its Ctrl-C is one stop, in order", async () => {
  const coloured = await onTerminal("run", {}, /no NATS broker/);
  expect(coloured).toContain("\x1b[33m");
  const plain = await onTerminal("run --launcher process", { NO_COLOR: "1" }, /no NATS broker/);
  expect(plain).not.toContain("\x1b[");
  for (const said of [coloured, plain]) {
    expect(said).toContain("SIGINT: stopping");
    expect(said).not.toContain("force-killed");
  }
});

describe("without a reader", () => {
  test("`tcs run | head` stops the fleet in order, and shows nothing of its own", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    using folder = tempFolder();
    await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - {type: talks}\n`);
    await folder.write(
      "talks.ts",
      serviceFile(`async runService() { while (await this.sleep(0.02)) this.logger.info("still here"); }`),
    );
    const child = Bun.spawn(["sh", "-c", `{ "$0" run 2>&1; echo "code $?" >&2; } | head -n 1`, tcsBinary()], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: folder.path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err] = await within("the end", Promise.all([child.stdout.text(), child.stderr.text()]));
    expect(out.split("\n").length).toBe(2);
    expect(err).toBe("code 141\n");
    await wire.flush();
    expect(wire.of("registry.stop", "talks.main").map(({ data }) => data.reason)).toEqual(["terminated"]);
  });

  test("a Ctrl-C that ends the reader of the log too is as orderly a stop as any", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    using folder = tempFolder();
    await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - thing\n`);
    await folder.write(
      "thing.ts",
      serviceFile(`${LOOP}\nasync onStop() { for (let n = 0; n < 20; n++) { console.log(n); await Bun.sleep(5); } }`),
    );
    const child = Bun.spawn([tcsBinary(), "run"], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: folder.path },
      stdio: ["ignore", "ignore", "pipe"],
    });
    await wire.waitForStatus("thing.main", "ok");
    child.kill("SIGINT");
    await wire.waitForEvent("stopping", "thing.main");
    await child.stderr.cancel();
    expect(await within("the end of tcs", child.exited)).toBe(130);
    await wire.flush();
    expect(wire.of("registry.stop", "thing.main").map(({ data }) => data.reason)).toEqual(["terminated"]);
  });

  test("commands that print and end just end", async () => {
    for (const args of ["--help", "run --help", "status --legend"]) {
      const child = Bun.spawn(["sh", "-c", `"$0" ${args} | true`, tcsBinary()], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      expect(await child.stderr.text()).toBe("");
    }
  });
});

test("unknown commands, options and words end with code 2, a line and a hint", async () => {
  const cases: [string[], RegExp][] = [
    [["rum"], /unknown command "rum"\n.*did you mean "tcs run"\?/],
    [["run", "--confg", "x.yaml"], /unknown option --confg\n.*did you mean --config\?/],
    [["run", "--config"], /--config needs a value/],
    [["run", "one.yaml", "surplus"], /is one word too many/],
    [["run", "--terminate-delay", "soon"], /--terminate-delay.*soon/],
    [["run", "--port", "http"], /port.*http/],
    [["service"], /^tcs: tcs service: SERVICE is missing\n +usage: tcs service SERVICE \[CONFIG\] \[VARIANT\]/],
    [["service", "a", "b", "c", "d"], /is one word too many/],
    [["broker", "--port", "99999"], /port.*99999/],
    [["run", "--check=maybe"], /--check/],
    [["__proto__"], /unknown command/],
  ];
  for (const [args, says] of cases) {
    await using tcs = spawnTcs(args);
    const code = await within("the end", tcs.exited);
    expect([args, code]).toEqual([args, 2]);
    expect(tcs.stderr).toMatch(says);
    expect(tcs.stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(tcs.stdout).toBe("");
  }
});

describe("output to a full disk", () => {
  const fullDisk = (redirection: string) => ({ under: ["sh", "-c", `"$@" ${redirection}; exit $?`, "sh"] });

  test("loses data: one line says so, code 1", async () => {
    for (const command of [["--help"], ["status", "--legend"]]) {
      await using tcs = spawnTcs(command, fullDisk(">/dev/full"));
      expect(await within("the end", tcs.exited)).toBe(1);
      expect(tcs.stderr).toMatch(/^tcs: cannot write to standard output: ENOSPC[^\n]*\n$/);
    }
  });

  test("loses talk only: a broker and a fleet run on", async () => {
    const port = await freePort();
    await using broker = spawnTcs(["broker", "--port", String(port)], fullDisk("2>/dev/full"));
    await using wire = await waitFor("the broker", () => listenToWire(`nats://127.0.0.1:${port}`));
    using folder = tempFolder();
    await folder.write("services.yaml", `nats: {port: ${port}}\nservices:\n  - {type: hello_world, interval: 0.1}\n`);
    await using fleet = spawnTcs(["run"], { cwd: folder.path, ...fullDisk("2>/dev/full") });
    await wire.waitForEvent("ready", "hello_world.main");
    // Ten lines each have tried in vain by then.
    await Bun.sleep(1000);
    for (const tcs of [fleet, broker]) {
      tcs.signal("SIGTERM");
      expect(await within("the end", tcs.exited)).toBe(143);
    }
  });
});
