// Services that come in npm packages: named in full, or found by their type.
import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf } from "./support.ts";

const SERVICE = "export const a = 1;\n";

/** Package `name` in `modules`, with these files and this in its package.json. */
async function install(folder: TempFolder, name: string, about: object, files: string[], modules = "node_modules") {
  await folder.write(`${modules}/${name}/package.json`, JSON.stringify({ name, version: "1.2.0", ...about }));
  for (const file of files) await folder.write(`${modules}/${name}/${file}`, SERVICE);
}

async function load(folder: TempFolder, rows: string, name = "services.yaml") {
  const file = await folder.write(name, rows);
  return await loadFleet({ file, env: {}, builtinTypes: BUILTINS });
}

/** The module of the only row: its path in the folder, or the built-in service. */
async function moduleOf(folder: TempFolder, rows: string, name?: string): Promise<string> {
  const { services } = await load(folder, rows, name);
  const module = services[0]?.module;
  if (module?.kind === "file") return relative(folder.path, module.path);
  return module?.kind === "builtin" ? `built-in ${module.type}` : "no module";
}

async function faultOf(folder: TempFolder, rows: string, name?: string): Promise<string> {
  const lines = await linesOf(load(folder, rows, name));
  return lines
    .join("\n")
    .replaceAll(folder.path, "")
    .replace(/^.*?: given /, "");
}

describe("a package installed beside the configuration", () => {
  const exports = { ".": "./src/main.ts", "./monitor": { bun: "./src/monitor.ts", default: "./lib/monitor.js" } };
  const files = ["src/main.ts", "src/monitor.ts", "src/private.ts"];

  test.each([
    ["@obs/dome", "src/main.ts", "dome.main"],
    ["@obs/dome/monitor", "src/monitor.ts", "monitor.main"],
  ])("is meant by %s, as its exports have it for Bun", async (name, path, id) => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", { exports }, files);
    const { services } = await load(folder, `services: [{module: "${name}"}]\n`);
    expect(services[0]).toMatchObject({
      id,
      module: { path: join(folder.path, "node_modules/@obs/dome", path) },
    });
  });

  test("may stand above the configuration, and have no exports", async () => {
    using folder = tempFolder();
    await install(folder, "dome", { main: "lib/index.js" }, ["lib/index.js", "lib/follower.ts"]);
    expect(await moduleOf(folder, "services: [{module: dome}]\n", "etc/night/services.yaml")).toBe(
      "node_modules/dome/lib/index.js",
    );
    expect(await moduleOf(folder, "services: [{module: dome/lib/follower.ts}]\n")).toBe(
      "node_modules/dome/lib/follower.ts",
    );
  });

  test("is named by the registry, too", async () => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", { exports }, files);
    expect(await moduleOf(folder, 'registry: {watch: "@obs/dome/monitor"}\nservices: [watch.main]\n')).toBe(
      "node_modules/@obs/dome/src/monitor.ts",
    );
  });

  test("is less than a file beside the configuration", async () => {
    using folder = tempFolder();
    await install(folder, "dome", { main: "index.js" }, ["index.js"]);
    await folder.write("dome.ts", SERVICE);
    expect(await moduleOf(folder, "services: [{module: dome}]\n")).toBe("dome.ts");
  });

  test("is found although it was looked for before it was installed", async () => {
    using folder = tempFolder();
    await install(folder, "other", {}, ["index.js"]);
    const rows = 'services: [{module: "@obs/late"}]\n';
    expect(await faultOf(folder, rows)).toContain("no package @obs/late");
    await install(folder, "@obs/late", { exports: "./index.ts" }, ["index.ts"]);
    expect(await moduleOf(folder, rows)).toBe("node_modules/@obs/late/index.ts");
  });

  test("that is a link counts as the folder it leads to", async () => {
    using folder = tempFolder();
    await install(folder, "dome", { exports: "./dome.ts" }, ["dome.ts"], "sources");
    mkdirSync(join(folder.path, "node_modules"));
    symlinkSync("../sources/dome", join(folder.path, "node_modules/dome"));
    expect(await moduleOf(folder, "services: [{module: dome}]\n")).toBe("sources/dome/dome.ts");
  });

  test("that is not there, or has no such part, is told with where it was looked for and what is near", async () => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", { exports }, files);
    expect(await faultOf(folder, 'services: [{module: "@obs/doom"}]\n')).toBe(
      '"@obs/doom", expected an existing module; there is no /@obs/doom.ts, and no package @obs/doom in node_modules of  or above (did you mean "@obs/dome"?)',
    );
    expect(await faultOf(folder, 'services: [{module: "@obs/dome/monitr"}]\n')).toBe(
      '"@obs/dome/monitr", expected an existing module; there is no /@obs/dome/monitr.ts, and no ./monitr in the package /node_modules/@obs/dome; its exports are ., ./monitor (did you mean "@obs/dome/monitor"?)',
    );
    expect(await faultOf(folder, 'services: [{module: "@obs/dome/src/private.ts"}]\n')).toContain(
      "no ./src/private.ts in the package",
    );
  });
});

describe("a type that a package lists in its package.json", () => {
  const listed = { tcs: { services: { dome_monitor: "./src/dome.ts", "dome.follower": "./src/follower.ts" } } };
  const files = ["src/dome.ts", "src/follower.ts"];

  test.each([
    ["dome_monitor", listed],
    ["dome_monitor", { tcs: { services: ["./src/dome_monitor.ts"] } }],
    ["dome_monitor", { tcs: ["src/dome_monitor.ts"] }],
  ])("is found: %s by %j", async (type, about) => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", about, ["src/dome.ts", "src/dome_monitor.ts"]);
    expect(await moduleOf(folder, `services: [{type: ${type}}]\n`)).toMatch(/^node_modules\/@obs\/dome\/src\/dome/);
  });

  test("is found in the package around the configuration, before the built-in service of that name", async () => {
    using folder = tempFolder();
    await folder.write(
      "package.json",
      JSON.stringify({ name: "mine", tcs: { services: { hello_world: "src/hi.ts" } } }),
    );
    await folder.write("src/hi.ts", SERVICE);
    expect(await moduleOf(folder, "services: [hello_world]\n", "config/services.yaml")).toBe("src/hi.ts");
  });

  test("in an installed package does not stand in for the built-in service", async () => {
    using folder = tempFolder();
    await install(folder, "sly", { tcs: { services: { hello_world: "hi.ts" } } }, ["hi.ts"]);
    expect(await moduleOf(folder, "services: [hello_world]\n")).toBe("built-in hello_world");
    expect(await moduleOf(folder, "services: [{type: hello_world, module: sly}]\n")).toBe("node_modules/sly/hi.ts");
  });

  test("is less than a file beside the configuration and than the registry", async () => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", listed, files);
    await folder.write("services/dome_monitor.ts", SERVICE);
    await folder.write("mine.ts", SERVICE);
    expect(await moduleOf(folder, "services: [dome_monitor]\n")).toBe("services/dome_monitor.ts");
    expect(await moduleOf(folder, "registry: {dome_monitor: ./mine.ts}\nservices: [dome_monitor]\n")).toBe("mine.ts");
  });

  test("in two packages has to be told apart, and can be", async () => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", listed, files);
    await install(folder, "zb08", listed, files);
    expect(await faultOf(folder, "services: [{type: dome_monitor}]\n")).toBe(
      '"dome_monitor", which @obs/dome and zb08 have, expected the package too (module: "@obs/dome")',
    );
    expect(await moduleOf(folder, "services: [{type: dome_monitor, module: zb08}]\n")).toBe(
      "node_modules/zb08/src/dome.ts",
    );
  });

  test("is offered for one that is mistyped", async () => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", listed, files);
    expect(await faultOf(folder, "services: [{type: dome_moniter}]\n")).toEndWith('(did you mean "dome_monitor"?)');
  });

  test("for a file that is not there is told with the package", async () => {
    using folder = tempFolder();
    await install(folder, "@obs/dome", listed, []);
    expect(await faultOf(folder, "services: [{type: dome_monitor}]\n")).toBe(
      '"dome_monitor", expected a file that is there; @obs/dome lists /node_modules/@obs/dome/src/dome.ts for it in package.json',
    );
  });
});

describe("a dotted name of the older kind", () => {
  test.each([
    ["services.yaml", "my_project/telescope_control.ts"],
    ["services.yaml", "services/my_project/telescope_control.ts"],
    ["config/services.yaml", "config/my_project/telescope_control.ts"],
    ["config/services.yaml", "my_project/telescope_control.ts"],
    ["etc/hosts/services.yaml", "my_project/telescope_control.ts"],
  ])("in %s means %s", async (name, path) => {
    using folder = tempFolder();
    await folder.write(path, SERVICE);
    if (name.startsWith("etc")) await folder.write("package.json", "{}");
    expect(await moduleOf(folder, "services: [{module: my_project.telescope_control}]\n", name)).toBe(path);
  });

  test("that is not there is told with a file that is near", async () => {
    using folder = tempFolder();
    await folder.write("my_project.telescope_control.ts", SERVICE);
    expect(await faultOf(folder, "services: [{module: my_project.telescope_contrl}]\n")).toContain(
      'there is no /my_project.telescope_contrl.ts (did you mean "/my_project.telescope_control.ts"?)',
    );
  });
});

test("a path may begin at home", async () => {
  using folder = tempFolder();
  expect(await faultOf(folder, "registry: {mount: ~/no/such/mount.ts}\nservices: [mount]\n")).toBe(
    `"~/no/such/mount.ts", expected an existing module; there is no ${homedir()}/no/such/mount.ts`,
  );
});
