// tcs new project: a folder of its own for services, with everything that tcs, npm and an editor want of it.
import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json" with { type: "json" };
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { runOwnTests, textsIn, typeCheck } from "./project.ts";

describe.each(["blocking", "permanent", "single-shot", "lifecycle", "publisher", "worker"])(
  "tcs new project --kind %s",
  (kind) => {
    test("writes a project that checks and passes its tests, by tcs alone and with the framework installed", async () => {
      using temp = tempFolder();
      const { code, stdout, stderr } = await runTcs(["new", "project", "dome_control", "--kind", kind], {
        cwd: temp.path,
      });
      expect({ code, stdout: stdout.split("\n") }).toEqual({
        code: 0,
        stdout: [
          "created dome_control/package.json",
          "created dome_control/tsconfig.json",
          "created dome_control/services.yaml",
          "created dome_control/src/dome_control.ts",
          "created dome_control/src/dome_control.test.ts",
          "created dome_control/README.md",
          "created dome_control/.gitignore",
          "created dome_control/.tcs/",
          "",
        ],
      });
      expect(stderr).toContain("cd dome_control\n  tcs test\n  tcs run");
      const project = join(temp.path, "dome_control");
      expect(await runTcs(["run", "--check"], { cwd: project })).toMatchObject({
        code: 0,
        stdout: "services.yaml: 1 service, all well\n",
        stderr: "",
      });
      expect(await runTcs(["test"], { cwd: project })).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("3 pass"),
      });
      expect(await typeCheck(project)).toEqual({ code: 0, output: "" });
      expect(await runOwnTests(project)).toMatchObject({ code: 0, output: expect.stringContaining("3 pass") });
    });
  },
);

describe("the name of a project", () => {
  test.each([
    ["DomeControl", "dome_control", "dome_control", "dome_control"],
    ["dome-control", "dome-control", "dome-control", "dome_control"],
    ["@obs/dome", "@obs/dome", "dome", "dome"],
  ])("%s gives the package %s in %s, with the type %s", async (name, packageName, folder, type) => {
    using temp = tempFolder();
    const { stdout } = await runTcs(["new", "project", name, "--json"], { cwd: temp.path });
    expect(JSON.parse(stdout)).toMatchObject({ id: `${type}.main`, type, folder: join(temp.path, folder) });
    const texts = textsIn(join(temp.path, folder));
    expect(JSON.parse(texts["package.json"] ?? "")).toMatchObject({
      name: packageName,
      tcs: { services: { [type]: `./src/${type}.ts` } },
      dependencies: { "ocabox-tcs": `^${version}` },
    });
    expect(texts["README.md"]).toStartWith(`# ${packageName}\n`);
  });

  test.each([
    [[], 2, "the project needs a name"],
    [["1abc"], 2, "it starts with a digit"],
    [["@Obs/dome"], 2, '"@Obs/" cannot be the scope of a package'],
    [["a/b"], 2, "it contains a path separator"],
    [["dome", "--force"], 2, "--force is for a service only"],
    [["dome", "--kind", "blokcing"], 2, "did you mean blocking?"],
    [["there"], 1, "there exists already, and is no empty folder"],
  ])("%j ends with code %d: %s", async (args, code, said) => {
    using temp = tempFolder();
    await temp.write("there/file", "");
    const ended = await runTcs(["new", "project", ...args], { cwd: temp.path });
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(said) });
    expect(Object.keys(textsIn(temp.path))).toEqual(["there/file"]);
  });
});

test("an empty folder may become a project; its types are written again for a fresh copy", async () => {
  using temp = tempFolder();
  mkdirSync(join(temp.path, "dome"));
  expect((await runTcs(["new", "project", "dome"], { cwd: temp.path })).code).toBe(0);
  const project = join(temp.path, "dome");
  rmSync(join(project, ".tcs"), { recursive: true });
  expect((await runTcs(["new", "types"], { cwd: project })).stdout).toBe("created .tcs/\n");
  expect(await typeCheck(project)).toEqual({ code: 0, output: "" });
});
