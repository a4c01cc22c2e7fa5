// Where a service's class comes from.
import { describe, expect, test } from "bun:test";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { typeOfModule } from "../../src/config/modules.ts";
import { tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf, load } from "./support.ts";

async function moduleOf(row: string, files: string[], top = ""): Promise<string> {
  const found = Object.fromEntries(files.map((file) => [file, undefined]));
  const fleet = await load(`${top}services:\n  - ${row}\n`, { files: found });
  const module = fleet.services[0]?.module;
  if (module?.kind === "file") return module.path;
  return module?.kind === "builtin" ? `built-in ${module.type}` : "no module";
}

describe("a module", () => {
  test.each<[string, string[], string]>([
    ["{module: ./dome.ts}", ["/fleet/dome.ts"], "/fleet/dome.ts"],
    ["{module: ./dome}", ["/fleet/dome.ts"], "/fleet/dome.ts"],
    ["{module: dome.js}", ["/fleet/dome.js"], "/fleet/dome.js"],
    ["{module: ../lib/dome}", ["/lib/dome.mjs"], "/lib/dome.mjs"],
    ["{module: /opt/dome.mts}", ["/opt/dome.mts"], "/opt/dome.mts"],
    ["{module: ./dome}", ["/fleet/dome/index.ts"], "/fleet/dome/index.ts"],
    ["{module: ./dome}", ["/fleet/dome.tsx", "/fleet/dome.js"], "/fleet/dome.tsx"],
    [
      "{module: my_project.telescope_control}",
      ["/fleet/my_project/telescope_control.ts"],
      "/fleet/my_project/telescope_control.ts",
    ],
    ["{module: my.dome}", ["/fleet/my.dome.ts", "/fleet/my/dome.ts"], "/fleet/my.dome.ts"],
    ["{module: ocabox_tcs.services.hello_world}", [], "built-in hello_world"],
    ["{module: ocabox_tcs.services.examples.01_minimal}", [], "built-in examples.minimal"],
    ["{type: dome}", ["/fleet/dome.ts"], "/fleet/dome.ts"],
    ["{type: dome}", ["/fleet/services/dome.ts"], "/fleet/services/dome.ts"],
    ["{type: my.dome}", ["/fleet/my/dome.ts"], "/fleet/my/dome.ts"],
    ["{type: my.dome}", ["/fleet/services/my/dome.ts"], "/fleet/services/my/dome.ts"],
    ["{type: my.dome}", ["/fleet/my.dome.ts"], "/fleet/my.dome.ts"],
    ["hello_world.main", ["/fleet/hello_world.ts"], "/fleet/hello_world.ts"],
    ["hello_world.main", [], "built-in hello_world"],
    ["{type: other, module: hello_world}", [], "built-in hello_world"],
  ])("%s with %j is %s", async (row, files, expected) => {
    expect(await moduleOf(row, files)).toBe(expected);
  });

  test("named by its row wins over the registry, that over a file beside, that over the built-in", async () => {
    const files = ["/fleet/a.ts", "/fleet/b.ts", "/fleet/hello_world.ts"];
    const registry = "registry: {hello_world: ./b.ts}\n";
    expect(await moduleOf("{type: hello_world, module: ./a}", files, registry)).toBe("/fleet/a.ts");
    expect(await moduleOf("{type: hello_world}", files, registry)).toBe("/fleet/b.ts");
    expect(await moduleOf("{type: hello_world}", files)).toBe("/fleet/hello_world.ts");
    expect(await moduleOf("{type: hello_world}", files, "registry: {hello_world: ~}\n")).toBe("built-in hello_world");
  });

  test("of the Python package that is not in the binary is a file beside the configuration", async () => {
    const files = ["/fleet/tic_bridge_svc/tic_bridge.ts", "/fleet/services/dome.ts", "/fleet/hello_world.ts"];
    const registry = "registry: {tic_bridge_svc.tic_bridge: ~, dome: ocabox_tcs.services.dome}\n";
    expect(await moduleOf("{type: tic_bridge_svc.tic_bridge}", files, registry)).toBe(
      "/fleet/tic_bridge_svc/tic_bridge.ts",
    );
    expect(await moduleOf("{type: dome}", files, registry)).toBe("/fleet/services/dome.ts");
    expect(await moduleOf("{module: ocabox_tcs.services.dome}", files)).toBe("/fleet/services/dome.ts");
    expect(await moduleOf("{module: ocabox_tcs.services.hello_world}", files)).toBe("built-in hello_world");
  });

  test("that is not there is refused, with what was looked for", async () => {
    const text = `registry: {r: ./r, s: ~}
services:
  - type: hello_wrld
  - type: telescope
  - module: ./gone.ts
  - {module: my.gone, variant: b}
  - module: ocabox_tcs.services.dome_follower
  - type: r
  - type: s
`;
    expect(await linesOf(load(text))).toEqual([
      'services.yaml:3:11: services[0].type: given "hello_wrld", expected a built-in service, an entry in registry, a module, or a file hello_wrld.ts beside the configuration (did you mean "hello_world"?)',
      'services.yaml:4:11: services[1].type: given "telescope", expected a built-in service, an entry in registry, a module, or a file telescope.ts beside the configuration (`tcs new service telescope` writes one)',
      'services.yaml:5:13: services[2].module: given "./gone.ts", expected an existing module; there is no /fleet/gone.ts',
      'services.yaml:6:14: services[3].module: given "my.gone", expected an existing module; there is no /fleet/my.gone.ts',
      'services.yaml:7:13: services[4].module: given "dome_follower", expected a built-in service (hello_world, examples.minimal, examples.basic, examples.logging, examples.monitoring, examples.nonblocking), or a file dome_follower.ts beside the configuration',
      'services.yaml:8:11: services[5].type: given "./r", expected an existing module; there is no /fleet/r.ts',
      'services.yaml:9:11: services[6].type: given "s", expected a built-in service (hello_world, examples.minimal, examples.basic, examples.logging, examples.monitoring, examples.nonblocking), or a file s.ts beside the configuration',
    ]);
  });

  test("that does not parse is refused with the place of the error in it", async () => {
    using folder = tempFolder();
    await folder.write("dome.ts", "const a = 1;\nconst b = ;\n");
    await folder.write(
      "fine.ts",
      "import { service } from 'ocabox-tcs';\n@service\nexport class Fine { n: number = 1 }\n",
    );
    await folder.write("view.tsx", "export const view = <div/>;\n");
    const file = await folder.write("services.yaml", "services: [dome.main, fine.main, view.main]\n");
    expect(await linesOf(loadFleet({ file, env: {}, builtinTypes: BUILTINS }))).toEqual([
      `${file}:1:12: services[0]: given a module that does not parse (${folder.path}/dome.ts:2:11: Unexpected ;), expected a TypeScript or JavaScript module`,
    ]);
  });

  test.each([
    ["./dome.ts", "dome"],
    ["/opt/dome_control", "dome_control"],
    ["my_project.telescope_control", "telescope_control"],
    ["ocabox_tcs.services.examples.01_minimal", "examples.minimal"],
    ["hello_world", "hello_world"],
  ])("%s stands for the type %s", (name, type) => {
    expect(typeOfModule(name)).toBe(type);
  });
});
