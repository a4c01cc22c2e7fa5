// A broken configuration: everything that is wrong is told, with its place, and nothing at all is started.
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { runTcs } from "../support/binary.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { tempFolder } from "../support/temp.ts";

const CONFIGURED = `import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
console.log("IMPORTED");
const Config = BaseServiceConfig.extend({ interval: z.number().positive(), mode: z.enum(["day", "night"]).default("day") });
@service({ config: Config })
export class Dome extends BaseBlockingPermanentService<typeof Config> {
  async runService() { console.log("STARTED"); while (this.isRunning) await this.sleep(1); }
}`;

interface Refusal {
  yaml: string | Uint8Array;
  /** What each of the lines says, in any order. */
  says: RegExp[];
  files?: Record<string, string>;
}

const good = { "dome.ts": CONFIGURED };
const refusals: Record<string, Refusal> = {
  "an empty file": { yaml: "", says: [/services\.yaml.*an empty file/] },
  "a file with comments only": { yaml: "# nothing\n", says: [/services\.yaml/] },
  "a list instead of a mapping": { yaml: "- hello_world\n", says: [/services\.yaml:1:1.*mapping/] },
  "a scalar": { yaml: "hello\n", says: [/services\.yaml:1:1/] },
  "binary rubbish": { yaml: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff, 0xfe]), says: [/services\.yaml/] },
  "text that is not YAML": { yaml: "services: [\n  - {\n", says: [/services\.yaml:\d+:\d+/] },
  "a duplicate key": {
    yaml: "services:\n  - hello_world\nservices:\n  - hello_world\n",
    says: [/services\.yaml:3:1.*services/],
  },
  "an alias that holds itself": { yaml: "services: &a\n  - *a\n", says: [/services\.yaml/] },
  "aliases that multiply to thousands of millions": {
    yaml: `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h", "i", "j"].map((k, n) => `${k}: &${k} [${Array(9).fill(`*${"abcdefghij"[n]}`)}]`).join("\n")}\nservices: *j\n`,
    says: [/services\.yaml/],
  },
  "a service twice": {
    yaml: "services:\n  - hello_world\n  - type: hello_world\n",
    says: [/services\.yaml:3:\d+.*hello_world\.main a second time/],
  },
  "a variant with a dot": {
    yaml: "services:\n  - {type: hello_world, variant: a.b}\n",
    says: [/services\.yaml:2:\d+.*variant/],
  },
  "a variant with a blank": {
    yaml: "services:\n  - {type: hello_world, variant: a b}\n",
    says: [/services\.yaml:2:\d+.*variant/],
  },
  "a type that is no subject": { yaml: 'services:\n  - {type: "hello>*"}\n', says: [/services\.yaml:2:\d+.*type/] },
  "a module that is not there": {
    yaml: "services:\n  - {type: dome, module: ./dom.ts}\n",
    says: [/services\.yaml:2:\d+.*dom\.ts/],
    files: good,
  },
  "a type that nobody knows": { yaml: "services:\n  - helo_world\n", says: [/helo_world[\s\S]*hello_world/] },
  "a module that does not parse": {
    yaml: "services:\n  - dome\n",
    says: [/services\.yaml:2:\d+[\s\S]*dome\.ts/],
    files: { "dome.ts": "export class {" },
  },
  "a module with no service in it": {
    yaml: "services:\n  - dome\n",
    says: [/services\.yaml:2:\d+[\s\S]*has no service in it/],
    files: { "dome.ts": "export const a = 1;" },
  },
  "a blocking service that overrides startService": {
    yaml: "services:\n  - dome\n",
    says: [/services\.yaml:2:\d+[\s\S]*overrides startService[\s\S]*override runService/],
    files: { "dome.ts": serviceFile(`startService() {}\n${LOOP}`) },
  },
  "a service's own fields, wrong in every way": {
    yaml: "services:\n  - {type: dome, interval: -1}\n  - {type: dome, variant: b, interval: soon, mode: dusk}\n  - {type: dome, variant: c}\n  - {type: dome, variant: d, intervall: 2}\n",
    says: [
      /yaml:2:\d+.*interval.*-1/,
      /yaml:3:\d+.*interval.*soon/,
      /yaml:3:\d+.*mode.*dusk/,
      /yaml:4:\d+.*interval/,
      /yaml:5:\d+.*intervall/,
    ],
    files: good,
  },
  "several things at once": {
    yaml: "nats: {prot: 4222}\nservices:\n  - {type: hello_world, restart: sometimes}\n  - {type: hello_world, variant: b, restart_sec: -2}\n  - {type: hello_world, variant: c, launcher: rocket}\n",
    says: [/yaml:1:\d+.*prot/, /yaml:3:\d+.*restart.*sometimes/, /yaml:4:\d+.*restart_sec.*-2/, /yaml:5:\d+.*rocket/],
  },
  "the file and the fields of its rows at once": {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
    yaml: "nats: {prot: 4222}\nservices:\n  - {type: dome, interval: -1, restart: sometimes}\n  - {type: dome, variant: b, interval: '${NOT_SET}'}\n  - {type: dome, variant: c, mode: dusk, interval: 1}\n  - helo_world\n",
    says: [
      /yaml:1:\d+.*prot/,
      /yaml:3:\d+.*dome\.main\.interval.*-1/,
      /yaml:3:\d+.*restart.*sometimes/,
      // Once: its schema is not asked about a value that is not known.
      /yaml:4:\d+.*NOT_SET.*\n.*yaml:5:\d+.*mode.*dusk/,
      /yaml:6:\d+.*helo_world/,
    ],
    files: good,
  },
  "a group across homes": {
    yaml: "services:\n  - {type: hello_world, group: g, launcher: worker}\n  - {type: hello_world, variant: b, group: g, launcher: process}\n",
    says: [/yaml:3:\d+.*group g/],
  },
  "a variable that is not set": {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
    yaml: "services:\n  - {type: hello_world, message: '${NOT_SET}'}\n",
    says: [/yaml:2:\d+.*NOT_SET/],
  },
};

for (const [what, { yaml, says, files }] of Object.entries(refusals)) {
  test(`${what}: refused by run and by run --check, with exit code 5`, async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", yaml);
    for (const [name, text] of Object.entries(files ?? {})) await folder.write(name, text);
    for (const args of [["run"], ["run", "--check"]]) {
      const result = await runTcs(args, { cwd: folder.path });
      for (const pattern of says) expect(result.stderr).toMatch(pattern);
      expect(result.stderr).not.toMatch(/^\s+at |unexpected error|STARTED|IMPORTED/m);
      expect(result.stderr.length).toBeLessThan(4000);
      expect(result.stdout).toBe("");
      expect(result.code).toBe(5);
    }
  });
}

test("fields are checked with the variables of .env, also when something else is wrong", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", "services:\n  - dome\n  - {type: dome, variant: b, restart: sometimes}\n");
  await folder.write("dome.ts", CONFIGURED);
  await folder.write(".env", "DOME_INTERVAL=3\nDOME_MODE=dusk\n");
  const { code, stderr } = await runTcs(["run", "--check"], { cwd: folder.path });
  expect(code).toBe(5);
  expect(stderr).not.toContain("interval");
  expect(stderr).toMatch(/DOME_MODE: dome\.main\.mode: given "dusk"/);
  expect(stderr).toContain("restart");
});

test("a file of 20 MB of services is told to be too much, or read, within seconds", async () => {
  using folder = tempFolder();
  const row = (n: number) => `  - {type: hello_world, variant: v${n}, message: ${"m".repeat(400)}}\n`;
  await folder.write("services.yaml", `services:\n${Array.from({ length: 45_000 }, (_, n) => row(n)).join("")}`);
  const result = await runTcs(["run", "--check"], { cwd: folder.path });
  expect([0, 5]).toContain(result.code);
  expect(result.stderr).not.toMatch(/^\s+at |unexpected error/m);
});

describe("run --check", () => {
  test("says that all is well, on stdout, and starts nothing: no service, no broker, no lock", async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", "services:\n  - {type: dome, interval: 1}\n  - hello_world\n");
    await folder.write("dome.ts", CONFIGURED);
    const result = await runTcs(["run", "--check"], {
      cwd: folder.path,
      env: { TCS_STATE_DIR: `${folder.path}/state` },
    });
    expect(result.stdout).toBe("services.yaml: 2 services, all well\n");
    expect(result.stderr).not.toContain("STARTED");
    expect(result.code).toBe(0);
    expect(readdirSync(folder.path)).not.toContain("state");
  });

  test("a file that throws when it is loaded, or ends the check, is named, and the exit code is 1", async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", "services:\n  - bad\n  - hello_world\n");
    const files: [string, RegExp][] = [
      [`throw new Error("no driver here");\n${serviceFile(LOOP)}`, /WARNING.*bad\.main: .*no driver here/],
      [`process.exit(3);\n${serviceFile(LOOP)}`, /WARNING.*bad\.main: /],
    ];
    for (const [text, says] of files) {
      await folder.write("bad.ts", text);
      const result = await runTcs(["run", "--check"], { cwd: folder.path });
      expect(result.stderr).toMatch(says);
      expect(result.stderr).not.toMatch(/^\s+at /m);
      expect(result.stdout).toBe("services.yaml: 2 services, 1 cannot be run as things are here\n");
      expect(result.code).toBe(1);
    }
  });

  test("a file that hangs is named, and the others are checked all the same", async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", "services:\n  - bad\n  - {type: dome, interval: -1}\n");
    await folder.write("bad.ts", `await new Promise(() => {});\n${serviceFile(LOOP)}`);
    await folder.write("dome.ts", CONFIGURED);
    const result = await runTcs(["run", "--check"], { cwd: folder.path });
    expect(result.stderr).toContain("dome.main.interval: given -1");
    expect(result.code).toBe(5);
  });

  test("a missing file is told, with its name", async () => {
    const result = await runTcs(["run", "--check", "-c", "fleet.yaml"]);
    expect(result.stderr).toMatch(/fleet\.yaml/);
    expect(result.stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(result.code).toBe(5);
  });
});
