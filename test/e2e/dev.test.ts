// tcs run --dev: services follow their files while they are written, the others run on.
import { describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { runTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { askFleet, instancesOf, rewrite } from "../support/reload.ts";
import { waitFor } from "../support/wait.ts";

/** A service that says a word of its own, and one that it imports. */
const speaker = (word: string, from = "./lib/word.ts") =>
  serviceFile(
    `onStart() { this.logger.info("${word} " + heard); }\n${LOOP}`,
    undefined,
    `import { heard } from "${from}";`,
  );
const FILES = {
  "one.ts": speaker("one"),
  "two.ts": speaker("two"),
  "lib/word.ts": 'export * from "./deeper.ts";\n',
  "lib/deeper.ts": 'export const heard = "first";\n',
};
const YAML = "services:\n  - one\n  - two\n  - hello_world\n";

async function runDev(yaml = YAML, files: Record<string, string> = FILES, ...args: string[]): Promise<TestFleet> {
  const fleet = await runFleet({ yaml, files, args: ["--dev", ...args] });
  await fleet.tcs.waitForLine(/services? running.* after/);
  return fleet;
}

const path = (fleet: TestFleet, name: string) => join(fleet.folder.path, name);
const starts = (fleet: TestFleet, id: string) => fleet.wire.of("registry.start", id).length;

/** Waits until a service has started for the n-th time, and sees that it does not do so again at once. */
async function startsExactly(fleet: TestFleet, id: string, count: number): Promise<void> {
  await fleet.wire.waitForEvent("ready", id, count);
  await Bun.sleep(400);
  await fleet.wire.flush();
  expect([id, starts(fleet, id)]).toEqual([id, count]);
  expect(await instancesOf(fleet, id)).toBe(1);
}

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("a service whose file or import has changed is restarted, within half a second; the others run on", async () => {
      await using fleet = await runDev(YAML, FILES, "--launcher", home);
      await fleet.wire.waitForEvent("ready", "two.main");
      await fleet.folder.write("one.ts", speaker("ONE"));
      await fleet.tcs.waitForLine(/tcs {2}one\.ts changed: restarting one\.main\n/);
      await fleet.tcs.waitForLine(/ONE first/);
      await fleet.tcs.waitForLine(/one\.main is ok again after/);
      await fleet.folder.write("lib/deeper.ts", 'export const heard = "second";\n');
      await fleet.tcs.waitForLine(/tcs {2}lib\/deeper\.ts changed: restarting one\.main and two\.main\n/);
      await fleet.tcs.waitForLine(/ONE second/);
      await fleet.tcs.waitForLine(/two second/);
      await fleet.folder.write("one.ts", speaker("last"));
      await fleet.tcs.waitForLine(/last second/);
      await waitFor("all to be well", () => fleet.tcs.stderr.match(/one\.main is ok again/g)?.length === 3);
      const seconds = [...fleet.tcs.stderr.matchAll(/is ok again after ([\d.]+) s/g)].map(([, text]) => Number(text));
      expect(seconds.length).toBe(4);
      // On a busy machine one may take longer.
      expect(Math.min(...seconds)).toBeLessThan(0.5);
      await fleet.wire.flush();
      expect([starts(fleet, "one.main"), starts(fleet, "two.main"), starts(fleet, "hello_world.main")]).toEqual([
        4, 2, 1,
      ]);
      expect(await instancesOf(fleet, "one.main")).toBe(1);
    });
  });
}

describe("a file that cannot be used", () => {
  test("is told with its place, and leaves the service running as it was until it is good again", async () => {
    await using fleet = await runDev();
    await fleet.wire.waitForEvent("ready", "one.main");
    await fleet.folder.write("one.ts", `${speaker("one")}\nconst x = ;\n`);
    await fleet.tcs.waitForLine(
      /ERROR {4}tcs {2}\/.*one\.ts:\d+:11: .*\n.*one\.ts cannot be used: one\.main left running as before/,
    );
    await fleet.folder.write("one.ts", `throw new Error("no lens");\n${speaker("one")}`);
    await fleet.tcs.waitForLine(/cannot load \/.*one\.ts: no lens/);
    await fleet.folder.write("one.ts", speaker("one").replace("extends BaseBlockingPermanentService", ""));
    await fleet.tcs.waitForLine(/one\.main: @service on Thing: it does not extend a service class/);
    await fleet.folder.write("one.ts", speaker("one", "./lib/later"));
    await fleet.tcs.waitForLine(/Cannot find module '\.\/lib\/later'/);
    await fleet.wire.flush();
    expect(starts(fleet, "one.main")).toBe(1);
    await fleet.folder.write("lib/later.ts", 'export const heard = "later";\n');
    await fleet.tcs.waitForLine(/lib\/later\.ts changed: restarting one\.main\n/);
    await fleet.tcs.waitForLine(/one later/);
    await startsExactly(fleet, "one.main", 2);
    expect(starts(fleet, "two.main")).toBe(1);
  });

  test("and is undone: there is nothing to do", async () => {
    await using fleet = await runDev();
    await fleet.wire.waitForEvent("ready", "one.main");
    await fleet.folder.write("one.ts", "const x = ;\n");
    await fleet.tcs.waitForLine(/left running as before/);
    await fleet.folder.write("one.ts", FILES["one.ts"]);
    await fleet.tcs.waitForLine(/one\.ts as before: nothing to do for one\.main/);
    await fleet.wire.flush();
    expect(starts(fleet, "one.main")).toBe(1);
  });

  test("for its values leaves the service running too", async () => {
    const files = {
      "thing.ts": serviceFile(LOOP).replace(
        "@service\n",
        "@service({ config: BaseServiceConfig.extend({ n: z.number() }) })\n",
      ),
    };
    await using fleet = await runDev("services:\n  - {type: thing, n: 1}\n", files);
    await fleet.wire.waitForEvent("ready", "thing.main");
    await fleet.folder.write("thing.ts", files["thing.ts"].replace("n: z", "m: z"));
    await fleet.tcs.waitForLine(/services\.yaml:4:\d+: thing\.main\.n: given an unknown field/);
    await fleet.tcs.waitForLine(/thing\.ts cannot be used: thing\.main left running as before/);
    await fleet.wire.flush();
    expect(starts(fleet, "thing.main")).toBe(1);
  });
});

test("however a file is saved, its service is restarted once; when nothing is new in it, not at all", async () => {
  await using fleet = await runDev();
  await fleet.wire.waitForEvent("ready", "one.main");
  const file = path(fleet, "one.ts");
  let count = 1;
  const saves: ((text: string) => unknown)[] = [
    (text) => writeFileSync(file, text),
    (text) => {
      writeFileSync(`${file}.tmp`, text);
      renameSync(`${file}.tmp`, file);
    },
    async (text) => {
      truncateSync(file);
      await Bun.sleep(60);
      writeFileSync(file, text);
    },
    async (text) => {
      renameSync(file, `${file}~`);
      await Bun.sleep(60);
      writeFileSync(file, text);
      rmSync(`${file}~`);
    },
    (text) => {
      writeFileSync(file, text);
      utimesSync(file, new Date(), new Date());
      writeFileSync(file, text);
    },
  ];
  for (const save of saves) {
    count += 1;
    await save(speaker(`save ${count}`));
    await fleet.tcs.waitForLine(new RegExp(`save ${count} first`));
    await startsExactly(fleet, "one.main", count);
  }
  utimesSync(file, new Date(), new Date());
  writeFileSync(file, speaker(`save ${count}`));
  writeFileSync(path(fleet, "notes.txt"), "of no service");
  await startsExactly(fleet, "one.main", count);
  expect(fleet.tcs.stderr).not.toContain("cannot be used");
});

test("a whole folder may be exchanged, as by another version of a project", async () => {
  await using fleet = await runDev();
  await fleet.wire.waitForEvent("ready", "two.main");
  for (const round of ["second", "third"]) {
    mkdirSync(path(fleet, "new"));
    await fleet.folder.write("new/word.ts", `export const heard = "${round}";\n`);
    renameSync(path(fleet, "lib"), path(fleet, `old-${round}`));
    renameSync(path(fleet, "new"), path(fleet, "lib"));
    await fleet.tcs.waitForLine(new RegExp(`one ${round}`));
    await fleet.tcs.waitForLine(new RegExp(`two ${round}`));
  }
  await startsExactly(fleet, "one.main", 3);
});

describe("the configuration", () => {
  test("is followed: what is new is started, and its files are followed too", async () => {
    await using fleet = await runDev("services:\n  - one\n");
    await fleet.wire.waitForEvent("ready", "one.main");
    await rewrite(fleet, "services:\n  - one\n  - two\n");
    await fleet.tcs.waitForLine(/reload by --dev: 1 added \(two\.main\), 1 unchanged/);
    await fleet.wire.waitForEvent("ready", "two.main");
    await fleet.folder.write("two.ts", speaker("TWO"));
    await fleet.tcs.waitForLine(/TWO first/);
    await startsExactly(fleet, "two.main", 2);
    expect(starts(fleet, "one.main")).toBe(1);
  });

  test("with a mistake in it changes nothing and says where", async () => {
    await using fleet = await runDev();
    await fleet.wire.waitForEvent("ready", "one.main");
    await rewrite(fleet, "services:\n  - one\n  - twoo\n");
    await fleet.tcs.waitForLine(/services\.yaml:5:5: services\[1\]: given "twoo"/);
    await rewrite(fleet, YAML);
    await fleet.tcs.waitForLine(/reload by --dev: 3 unchanged/);
    await fleet.wire.flush();
    expect(starts(fleet, "one.main")).toBe(1);
  });

  test("and a service's file that change together restart it once", async () => {
    await using fleet = await runDev("services:\n  - one\n");
    await fleet.wire.waitForEvent("ready", "one.main");
    writeFileSync(path(fleet, "one.ts"), speaker("both"));
    await rewrite(fleet, "services:\n  - {type: one, log_level: debug}\n");
    await fleet.tcs.waitForLine(/both first/);
    await startsExactly(fleet, "one.main", 2);
  });

  test("also its .env", async () => {
    const files = { ...FILES, ".env": "LEVEL=info\n" };
    await using fleet = await runDev(`services:\n  - {type: one, log_level: "\${LEVEL}"}\n`, files);
    await fleet.wire.waitForEvent("ready", "one.main");
    await fleet.folder.write(".env", "LEVEL=debug\n");
    await fleet.tcs.waitForLine(/reload by --dev: 1 changed \(one\.main: log_level\)/);
    await startsExactly(fleet, "one.main", 2);
  });

  test("that puts services together has them apart for it, and says so", async () => {
    await using fleet = await runDev(
      "services:\n  - {type: one, group: g}\n  - {type: two, launcher: inline}\n  - hello_world\n",
    );
    await fleet.tcs.waitForLine(
      /one\.main and two\.main have threads or processes of their own: --dev can load only these anew/,
    );
    await fleet.wire.waitForEvent("ready", "two.main");
    await fleet.folder.write("two.ts", speaker("TWO"));
    await fleet.tcs.waitForLine(/TWO first/);
    await startsExactly(fleet, "one.main", 1);
  });
});

describe("a service that does not run", () => {
  test("because it failed is started with its new file", async () => {
    const files = { "thing.ts": serviceFile(`onStart() { throw new Error("no power"); }\n${LOOP}`) };
    await using fleet = await runDev("services:\n  - thing\n", files);
    await fleet.wire.waitForEvent("crashed", "thing.main");
    await fleet.folder.write("thing.ts", serviceFile(LOOP));
    await fleet.tcs.waitForLine(/thing\.main is ok again after/);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("because it starts for ever is started anew", async () => {
    const files = { "thing.ts": serviceFile(`async onStart() { await new Promise(() => {}); }\n${LOOP}`) };
    await using fleet = await runFleet({
      yaml: "services:\n  - thing\n",
      files,
      args: ["--dev", "--terminate-delay", "0.3"],
    });
    await fleet.wire.waitForEvent("start", "thing.main");
    await fleet.folder.write(
      "thing.ts",
      serviceFile(`async onStart() { await new Promise(() => {}); /* still */ }\n${LOOP}`),
    );
    await fleet.wire.waitForEvent("start", "thing.main", 2);
    await fleet.folder.write("thing.ts", serviceFile(LOOP));
    await fleet.tcs.waitForLine(/thing\.main is ok again after/);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("because an operator has stopped it stays stopped, and has its new file when it is started", async () => {
    await using fleet = await runDev();
    await fleet.wire.waitForEvent("ready", "one.main");
    expect((await askFleet(fleet, "stop", "one.main")).code).toBe(0);
    await fleet.folder.write("one.ts", speaker("ONE"));
    await fleet.tcs.waitForLine(/one\.ts changed: for one\.main when started here/);
    expect(await instancesOf(fleet, "one.main")).toBe(0);
    expect((await askFleet(fleet, "start", "one.main")).code).toBe(0);
    await fleet.tcs.waitForLine(/ONE first/);
    await startsExactly(fleet, "one.main", 2);
  });

  test("because it is not due takes its new file at its next run", async () => {
    const shot = (word: string) =>
      serviceFile(`async execute() { this.logger.info("${word}"); }`, "BaseSingleShotService");
    await using fleet = await runDev("services:\n  - {type: thing, schedule: every 1s}\n", { "thing.ts": shot("old") });
    await fleet.tcs.waitForLine(/thing\.main {2}old/);
    await fleet.folder.write("thing.ts", shot("new"));
    await fleet.tcs.waitForLine(/thing\.ts changed: for thing\.main at the next run/);
    await fleet.tcs.waitForLine(/thing\.main {2}new/);
  });
});

test("services that come after others are stopped first and started when these are ready", async () => {
  const yaml = "services:\n  - {type: two, after: [one.main]}\n  - one\n";
  await using fleet = await runDev(yaml);
  await fleet.wire.waitForEvent("ready", "two.main");
  const from = fleet.wire.records.length;
  await fleet.folder.write("lib/deeper.ts", 'export const heard = "second";\n');
  await fleet.wire.waitForEvent("ready", "two.main", 2);
  const order = fleet.wire.records
    .slice(from)
    .flatMap(({ subject }) => subject.match(/registry\.((?:stop|start)\.\w+)/)?.[1] ?? []);
  expect(order).toEqual(["stop.two", "stop.one", "start.one", "start.two"]);
});

test("a stop in the middle of it ends everything in order", async () => {
  const files = { "thing.ts": serviceFile(`${LOOP}\nasync onStop() { await Bun.sleep(500); }`) };
  await using fleet = await runDev("services:\n  - thing\n", files);
  await fleet.wire.waitForEvent("ready", "thing.main");
  await fleet.folder.write("thing.ts", `${files["thing.ts"]}// changed\n`);
  await fleet.wire.waitForEvent("stopping", "thing.main");
  expect(await fleet.stop()).toBe(143);
  expect(await instancesOf(fleet, "thing.main")).toBe(0);
  expect(starts(fleet, "thing.main")).toBe(1);
});

test("it goes on for ever: with --once it makes no sense", async () => {
  const { code, stderr } = await runTcs(["run", "--dev", "--once"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--dev");
});
