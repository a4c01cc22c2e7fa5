// tcs services: what can be run from a place, where it comes from, what it is for and what it takes.
import { describe, expect, test } from "bun:test";
import { BUILTIN_DESCRIPTIONS, BUILTIN_SERVICES } from "../../services/index.ts";
import { commentOn } from "../../src/host/describe.ts";
import { runTcs } from "../support/binary.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const service = (name: string, decorator: string, before = "") => `
import { BaseServiceConfig, BaseSingleShotService, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  /** Seconds between two looks. */
  interval: z.number().positive().default(5),
  camera: z.string(), // its name on the bus
  key: z.string().default("hush").meta({ secret: true }),
  mode: z.enum(["fast", "slow"]).default("fast").describe("How it turns"),
});
${before}
${decorator}
export class ${name} extends BaseSingleShotService<typeof Config> { async execute() {} }
`;

async function place(): Promise<TempFolder> {
  const folder = tempFolder();
  await folder.write(
    "dome.ts",
    service("Dome", "@service({ config: Config })", "/**\n * Turns the dome.\n *\n * More.\n */"),
  );
  await folder.write(
    "services/named.ts",
    service("Named", '@service({ type: "other", config: Config, description: "By its decorator." })'),
  );
  await folder.write(
    "services/gone.ts",
    'import { service } from "ocabox-tcs";\nimport { x } from "./nowhere.ts";\n@service export class X { x = x }\n',
  );
  await folder.write(
    "ender.ts",
    'import { service } from "ocabox-tcs";\nprocess.exit(3);\n@service export class X {}\n',
  );
  await folder.write(
    "dome.test.ts",
    'import { service } from "ocabox-tcs"; throw new Error("never loaded: @service");',
  );
  await folder.write("script.ts", 'throw new Error("never loaded");');
  await folder.write("drivers/mount.ts", service("Mount", "@service({ config: Config })"));
  await folder.write(
    "services.yaml",
    "registry: {mount: ./drivers/mount.ts, lost: ./lost.ts}\nservices: [{module: drivers.mount, variant: b}, {type: twin, module: ./drivers/mount.ts}]\n",
  );
  await folder.write(
    "node_modules/wind/package.json",
    JSON.stringify({
      name: "wind",
      version: "2.0.0",
      tcs: { services: { wind: "./wind.ts", dome: "./wind.ts", "a b": "./x.ts", late: "./late.ts" } },
    }),
  );
  await folder.write("node_modules/wind/wind.ts", service("Wind", "@service({ config: Config })"));
  return folder;
}

interface Listed {
  type: string;
  from: { kind: string };
  description?: string;
  kind?: string;
  fields?: Record<string, unknown>[];
  fault?: string;
  needs_module: boolean;
}

async function list(folder: TempFolder, ...args: string[]) {
  const { stdout, stderr, code } = await runTcs(["services", "--json", ...args], { cwd: folder.path });
  const { services, faults }: { services: Listed[]; faults: string[] } = JSON.parse(stdout);
  return { services, faults, stderr, code };
}

describe("tcs services", () => {
  test("lists those of the folder, the configuration, this program and packages; one that is broken hides no other", async () => {
    using folder = await place();
    const { services, faults, code } = await list(folder);
    expect(code).toBe(0);
    expect(
      services
        .filter(({ from }) => from.kind !== "builtin")
        .map(({ type, from, fault, needs_module }) => [
          type,
          from.kind,
          fault
            ?.replaceAll(folder.path, "")
            .replace(/ from .*/, "")
            .slice(0, 70),
          needs_module,
        ]),
    ).toEqual([
      ["dome", "folder", undefined, false],
      ["ender", "folder", expect.any(String), false],
      ["gone", "folder", "cannot load /services/gone.ts: ResolveMessage: Cannot find module './n", false],
      ["other", "folder", undefined, true],
      ["mount", "configuration", undefined, false],
      ["lost", "configuration", '"./lost.ts": expected an existing module; there is no /lost.ts', false],
      ["wind", "package", undefined, false],
      ["dome", "package", undefined, true],
      ["late", "package", "/node_modules/wind/package.json lists /node_modules/wind/late.ts, whic", false],
      ["twin", "configuration", undefined, true],
    ]);
    expect(services.filter(({ from }) => from.kind === "builtin").map(({ type }) => type)).toEqual(
      Object.keys(BUILTIN_SERVICES),
    );
    expect(faults).toEqual([
      `${folder.path}/node_modules/wind/package.json: tcs lists the type "a b": it contains white space`,
    ]);
  });

  test("tells what a service is for, and its fields, without secrets", async () => {
    using folder = await place();
    const { services } = await list(folder);
    expect(services.find(({ type }) => type === "dome")).toMatchObject({
      description: "Turns the dome.",
      kind: "single-shot",
      fields: [
        {
          name: "interval",
          expected: "a positive number",
          required: false,
          default: 5,
          description: "Seconds between two looks.",
        },
        { name: "camera", expected: "text", required: true, description: "its name on the bus" },
        { name: "key", required: false, secret: true },
        { name: "mode", expected: "one of fast, slow", default: "fast", description: "How it turns" },
      ],
    });
    expect(services.find(({ type }) => type === "other")?.description).toBe("By its decorator.");
    expect(JSON.stringify(services)).not.toContain("hush");
  });

  test("fits a terminal of 80 columns, and says how a row must name its module", async () => {
    using folder = await place();
    const { stdout } = await runTcs(["services"], { cwd: folder.path, env: { COLUMNS: "80" } });
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain("In ./services\n");
    expect(stdout).toContain("  other  single-shot, module: ./services/named.ts\n    By its decorator.\n");
    expect(stdout).toContain("Named in services.yaml\n  mount  single-shot, ./drivers/mount.ts\n");
    expect(stdout).toContain("Package wind 2.0.0\n");
    expect(stdout).toContain("  dome  single-shot, module: wind\n");
  });

  test("shows only those asked for; offers what is near", async () => {
    using folder = tempFolder();
    const { services } = await list(folder, "examples.b");
    expect(services.map(({ type }) => type)).toEqual(["examples.basic"]);
    expect(await runTcs(["services", "helo_world"], { cwd: folder.path })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('did you mean "hello_world"?'),
    });
  });

  test("with --config looks from there", async () => {
    using folder = await place();
    using elsewhere = tempFolder();
    const { services } = await list(elsewhere, "--config", `${folder.path}/services.yaml`, "mount");
    expect(services.map(({ type }) => type)).toEqual(["mount"]);
  });
});

test("what is told of the services in the program is the first line of each", async () => {
  const files = [...new Bun.Glob("services/**/*.ts").scanSync(`${import.meta.dir}/../..`)].filter(
    (path) => !path.endsWith("index.ts"),
  );
  const texts = await Promise.all(files.sort().map((path) => Bun.file(`${import.meta.dir}/../../${path}`).text()));
  const services = texts.filter((text) => /^@service\b/m.test(text));
  expect(services.map((text) => commentOn("", text) ?? "").toSorted()).toEqual(
    Object.values(BUILTIN_DESCRIPTIONS).toSorted(),
  );
});

test.each([
  ["/** Of the class. */\n@service\nexport class A {}", "Of the class."],
  ["// Of the file.\n/** Of another. */\nexport class B {}\nexport class A {}", "Of the file."],
  ["#!/usr/bin/env tcs\n// Of the file.\nexport class A {}", "Of the file."],
  ["/* Of the\n * file. */\nexport class A {}", "Of the file."],
  ["/**\n * @example x\n */\nexport class A {}", undefined],
  ["export class A {}", undefined],
])("%j describes its class as %p", (text, description) => {
  expect(commentOn("A", text)).toBe(description);
});
