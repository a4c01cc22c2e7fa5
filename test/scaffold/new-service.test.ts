import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { runTcs, tcsBinary } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";
import { run, runOwnTests, textsIn, typeCheck } from "./project.ts";

const KINDS = [
  { kind: "blocking", base: "BaseBlockingPermanentService", fields: { interval: 5, message: "all is well" } },
  { kind: "permanent", base: "BasePermanentService", fields: { interval: 5, message: "all is well" } },
  { kind: "single-shot", base: "BaseSingleShotService", fields: { steps: 3, message: "one more done" } },
  { kind: "lifecycle", base: "LifecycleService", fields: { interval: 5, message: "all is well" } },
  {
    kind: "publisher",
    base: "PublisherService",
    fields: { transport: "nats", interval: 5, message: "all is well" },
  },
  {
    kind: "publisher-subscriber",
    base: "PublisherSubscriberService",
    fields: { transport: "nats", interval: 5, message: "all is well" },
  },
];
/** These say nothing without a broker, or before somebody gives them something to do. */
const LISTENING_KINDS = [
  {
    kind: "push",
    base: "PushService",
    fields: { transport: "nats", push_address: "jobs", interval: 5, message: "one more" },
  },
  {
    kind: "controller",
    base: "ControllerService",
    fields: { transport: "nats", push_address: "tasks", pull_address: "results", interval: 5, message: "one more" },
  },
  {
    kind: "subscriber",
    base: "SubscriberService",
    fields: { transport: "nats", silence: 60, message: "heard" },
  },
  {
    kind: "pull",
    base: "PullService",
    fields: { transport: "nats", pull_address: "jobs", concurrency: 1, message: "done" },
  },
  {
    kind: "worker",
    base: "WorkerService",
    fields: { transport: "nats", pull_address: "tasks", push_address: "results", concurrency: 1, message: "done" },
  },
];

describe.each([...KINDS, ...LISTENING_KINDS])("tcs new service --kind $kind", ({ kind, base, fields }) => {
  test("writes a service, its test and a row, without an error in an editor, and its own tests pass", async () => {
    using temp = tempFolder();
    const { code, stdout, stderr } = await runTcs(["new", "service", "TelescopeMonitor", "--kind", kind], {
      cwd: temp.path,
    });
    expect({ code, stdout: stdout.split("\n") }).toEqual({
      code: 0,
      stdout: [
        "created telescope_monitor.ts",
        "created telescope_monitor.test.ts",
        "created services.yaml",
        "created .tcs/",
        "created tsconfig.json",
        "",
      ],
    });
    expect(stderr).toContain("The type is telescope_monitor, the class TelescopeMonitor.");
    expect(stderr).toContain("tcs run --config services.yaml\n  tcs status");

    const texts = textsIn(temp.path);
    expect(texts["telescope_monitor.ts"]).toContain(`export class TelescopeMonitor extends ${base}<typeof Config`);
    expect(parse(texts["services.yaml"] ?? "")).toEqual({
      services: [
        {
          type: "telescope_monitor",
          variant: "main",
          module: "./telescope_monitor.ts",
          restart: "on-failure",
          ...fields,
        },
      ],
    });
    expect(await typeCheck(temp.path)).toEqual({ code: 0, output: "" });
    expect(await runOwnTests(temp.path)).toMatchObject({ code: 0, output: expect.stringContaining("3 pass") });
  });
});

describe.each(KINDS)("tcs new service --kind $kind", ({ kind, fields }) => {
  test("writes a service that runs by its own first line, and stops when asked", async () => {
    using temp = tempFolder();
    await runTcs(["new", "service", "dome.follower", "--kind", kind], { cwd: temp.path });
    const config = join(temp.path, "services.yaml");
    await Bun.write(config, readFileSync(config, "utf8").replace("interval: 5", "interval: 0.05"));
    const child = Bun.spawn(["./dome.follower.ts", "services.yaml", "main"], {
      cwd: temp.path,
      env: { PATH: `${dirname(tcsBinary())}:${process.env.PATH}`, HOME: temp.path },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += chunk;
      if (said.includes(fields.message)) child.kill("SIGTERM");
    }
    expect(said).toContain("dome.follower.main");
    expect(await within("the service's end", child.exited)).toBeOneOf([0, 143]);
  });
});

test("the editor sees a mistake in a service", async () => {
  using temp = tempFolder();
  await runTcs(["new", "service", "dome"], { cwd: temp.path });
  const path = join(temp.path, "dome.ts");
  await Bun.write(path, readFileSync(path, "utf8").replace("this.config.interval", "this.config.intervall"));
  const { code, output } = await typeCheck(temp.path);
  expect(code).not.toBe(0);
  expect(output).toContain("Property 'intervall' does not exist");
});

test("Bun, Node, NATS and zod are known to the editor, and the types themselves have no error", async () => {
  using temp = tempFolder();
  await runTcs(["new", "service", "dome"], { cwd: temp.path });
  await temp.write(
    "uses.ts",
    `import { readFile } from "node:fs/promises";
import { connect, type NatsConnection } from "nats";
import { VERSION } from "ocabox-tcs";
import { z } from "zod";
export const all: [Promise<string>, Promise<NatsConnection>, string, z.ZodString, Promise<Response>, number] = [
  readFile("x", "utf8"), connect(), VERSION, z.string(), fetch("http://localhost"), Bun.nanoseconds(),
];
`,
  );
  expect(await typeCheck(temp.path)).toEqual({ code: 0, output: "" });
  const { output } = await typeCheck(temp.path, "--skipLibCheck", "false");
  expect(output.split("\n").filter((line) => line.includes("ocabox-tcs"))).toEqual([]);
});

test("options: --variant, --dir and --config go into row and places; --json lists what was written", async () => {
  using temp = tempFolder();
  const args = [
    "new",
    "service",
    "dome",
    "--variant",
    "north",
    "--dir",
    "src/domes",
    "--config",
    "etc/fleet.yaml",
    "--json",
  ];
  const { code, stdout, stderr } = await runTcs(args, { cwd: temp.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    id: "dome.north",
    type: "dome",
    files: [
      "src/domes/dome.ts",
      "src/domes/dome.test.ts",
      "etc/fleet.yaml",
      "src/domes/.tcs/",
      "src/domes/tsconfig.json",
    ].map((path) => ({ path: join(temp.path, path), action: "created" })),
    notes: [],
  });
  expect(parse(textsIn(temp.path)["etc/fleet.yaml"] ?? "").services).toMatchObject([
    { type: "dome", variant: "north", module: "../src/domes/dome.ts" },
  ]);
});

test("a second service joins the first: the row is added, and nothing else is touched", async () => {
  using temp = tempFolder();
  const yaml = "# ours\nservices:\n  - type: hello_world   # greets\n    # interval: 3\n\nnats:\n  port: 4333\n";
  const config = await temp.write("services.yaml", yaml);
  await temp.write("tsconfig.json", '{ "extends": "./.tcs/tsconfig.json", "compilerOptions": {} }\n');
  const { stdout } = await runTcs(["new", "service", "dome"], { cwd: temp.path });
  expect(stdout).toBe("created dome.ts\ncreated dome.test.ts\nupdated services.yaml\ncreated .tcs/\n");
  const row =
    "  - type: dome\n    variant: main\n    module: ./dome.ts\n    restart: on-failure\n    interval: 5\n    message: all is well\n";
  expect(readFileSync(config, "utf8")).toBe(yaml.replace("\n\nnats", `\n${row}\nnats`));

  const again = await runTcs(["new", "service", "mount"], { cwd: temp.path });
  expect(again.stdout).toBe("created mount.ts\ncreated mount.test.ts\nupdated services.yaml\n");
  expect(await typeCheck(temp.path)).toEqual({ code: 0, output: "" });
});

test("a tsconfig.json of the user's own is left as it is, and what to add is said", async () => {
  using temp = tempFolder();
  await temp.write("tsconfig.json", "{}\n");
  const { stderr } = await runTcs(["new", "service", "dome"], { cwd: temp.path });
  expect(stderr).toContain('add "extends": "./.tcs/tsconfig.json" to it');
  expect(textsIn(temp.path)["tsconfig.json"]).toBe("{}\n");
});

test("a .tcs of someone else's is left as it is", async () => {
  using temp = tempFolder();
  const file = await temp.write(".tcs/notes", "mine");
  const { code, stderr } = await runTcs(["new", "service", "dome"], { cwd: temp.path });
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("was not made by tcs") });
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(Object.keys(textsIn(temp.path)).sort()).toEqual(["dome.test.ts", "dome.ts", "services.yaml"]);
});

test("where ocabox-tcs is installed no types are written", async () => {
  using temp = tempFolder();
  await temp.write("node_modules/ocabox-tcs/package.json", "{}");
  const { stdout } = await runTcs(["new", "service", "dome", "--dir", "src"], { cwd: temp.path });
  expect(stdout).toBe("created src/dome.ts\ncreated src/dome.test.ts\ncreated src/services.yaml\n");
});

test("a services.yaml that is a link stays one: the file behind it gets the row", async () => {
  using temp = tempFolder();
  const real = await temp.write("etc/fleet.yaml", "services: []\n");
  symlinkSync(real, join(temp.path, "services.yaml"));
  expect((await runTcs(["new", "service", "dome"], { cwd: temp.path })).code).toBe(0);
  expect(parse(readFileSync(real, "utf8")).services).toHaveLength(1);
  expect(Object.keys(textsIn(temp.path))).not.toContain("services.yaml");
});

describe("nothing is overwritten", () => {
  test("files that exist are refused, and nothing at all is written", async () => {
    using temp = tempFolder();
    await temp.write("dome.test.ts", "mine");
    const { code, stdout, stderr } = await runTcs(["new", "service", "dome"], { cwd: temp.path });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("dome.test.ts exists already");
    expect(stderr).toContain("--force");
    expect(textsIn(temp.path)).toEqual({ "dome.test.ts": "mine" });
  });

  test("--force replaces service and test, and nothing else", async () => {
    using temp = tempFolder();
    const yaml = "services:\n  - type: dome # mine\n";
    await temp.write("dome.ts", "mine");
    await temp.write("services.yaml", yaml);
    await temp.write("tsconfig.json", "{}");
    const { stdout, stderr } = await runTcs(["new", "service", "dome", "--force"], { cwd: temp.path });
    expect(stdout).toBe("replaced dome.ts\ncreated dome.test.ts\ncreated .tcs/\n");
    expect(stderr).toContain("has a row for dome.main already");
    const texts = textsIn(temp.path);
    expect(texts).toMatchObject({ "services.yaml": yaml, "tsconfig.json": "{}" });
    expect(texts["dome.ts"]).toContain("class Dome ");
  });
});

describe("what cannot be done is refused in one line, and nothing is written", () => {
  test.each([
    ["a bad name", ["new", "service", "2m"], 2, "starts with a digit"],
    ["no name", ["new", "service"], 2, "needs a name"],
    ["a bad kind", ["new", "service", "dome", "--kind", "permament"], 2, "did you mean permanent?"],
    ["a bad variant", ["new", "service", "dome", "--variant", "a.b"], 2, "may not contain dots"],
    ["no such thing", ["new", "dome"], 2, "tcs new service dome"],
    ["a folder that is a file", ["new", "service", "dome", "--dir", "mine.txt/x"], 1, "a part of the path is a file"],
    [
      "a broken services.yaml",
      ["new", "service", "dome", "--config", "broken.yaml"],
      5,
      "broken.yaml:3:1: not valid YAML",
    ],
    ["a binary services.yaml", ["new", "service", "dome", "--config", "binary.yaml"], 5, "not UTF-8 text"],
    ["a folder as services.yaml", ["new", "service", "dome", "--config", "."], 5, "cannot be read"],
  ])("%s", async (_what, args, code, reason) => {
    using temp = tempFolder();
    await temp.write("mine.txt", "x");
    await temp.write("broken.yaml", "services:\n - a: [\n");
    await temp.write("binary.yaml", new Uint8Array([0xff, 0xfe, 0x00, 0xd8]));
    const before = textsIn(temp.path);
    const result = await runTcs(args, { cwd: temp.path });
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(reason);
    expect(result.stderr).not.toContain("    at ");
    expect(textsIn(temp.path)).toEqual(before);
  });

  /** As an ordinary user: root may write anywhere. */
  const asNobody = (...args: string[]) => {
    const drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    return process.getuid?.() === 0 ? [...drop, tcsBinary(), ...args] : [tcsBinary(), ...args];
  };

  test("a folder that the user may not write to", async () => {
    using temp = tempFolder();
    chmodSync(temp.path, 0o555);
    const { code, output } = await run(asNobody("new", "service", "dome"), temp.path);
    chmodSync(temp.path, 0o755);
    expect(code).toBe(1);
    expect(output).toBe(
      `tcs: cannot write ${temp.path}/dome.ts: permission denied; nothing was written\n` +
        "     change to a folder you can write to, or give one with --dir\n",
    );
    expect(textsIn(temp.path)).toEqual({});
  });

  test("a services.yaml in a folder that the user may not write to: what came before it is taken back", async () => {
    using temp = tempFolder();
    const yaml = await temp.write("etc/services.yaml", "services: []\n");
    chmodSync(join(temp.path, "etc"), 0o555);
    chmodSync(temp.path, 0o777);
    const { code, output } = await run(asNobody("new", "service", "dome", "--dir", "a/b", "--config", yaml), temp.path);
    chmodSync(join(temp.path, "etc"), 0o755);
    expect(code).toBe(1);
    expect(output).toContain(`cannot write ${yaml}: permission denied; nothing was written`);
    expect(textsIn(temp.path)).toEqual({ "etc/services.yaml": "services: []\n" });
    expect(() => statSync(join(temp.path, "a"))).toThrow("ENOENT");
  });
});

describe("tcs new types", () => {
  test("writes the editor support of a project again, and only if it is not there", async () => {
    using temp = tempFolder();
    await runTcs(["new", "service", "dome"], { cwd: temp.path });
    expect((await runTcs(["new", "types"], { cwd: temp.path })).stderr).toContain("nothing to write");
    await temp.write(".tcs/digest", "of another version");
    await temp.write(".tcs/types/left-over.d.ts", "x");
    expect((await runTcs(["new", "types"], { cwd: temp.path })).stdout).toBe("updated .tcs/\n");
    expect(await Bun.file(join(temp.path, ".tcs/types/left-over.d.ts")).exists()).toBe(false);
    expect(await typeCheck(temp.path)).toEqual({ code: 0, output: "" });
  });

  test.each([
    [["dome"], '"dome" is one word too many'],
    [["--force"], "--force is for a service only"],
    [["--variant", "north"], "--variant is for a service only"],
  ])("refuses %j, which would do nothing", async (words, what) => {
    using temp = tempFolder();
    const { code, stderr } = await runTcs(["new", "types", ...words], { cwd: temp.path });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `tcs: tcs new types: ${what}\n` });
    expect(textsIn(temp.path)).toEqual({});
  });
});
