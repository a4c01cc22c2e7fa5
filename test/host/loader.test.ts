// Loading service modules: by type from the program, by path from disk.
import { expect, test } from "bun:test";
import { ServiceLoadError, ServiceLoader } from "../../src/host/loader.ts";
import { BaseBlockingPermanentService, ServiceDefinitionError } from "../../src/service/index.ts";
import { tempFolder } from "../support/temp.ts";

class Shipped extends BaseBlockingPermanentService {
  override async runService() {}
}
const loader = new ServiceLoader({
  builtins: { "examples.shipped": async () => ({ Shipped }), broken: async () => ({ nothing: 1 }) },
  framework: { "ocabox-tcs": () => import("../../src/index.ts") },
  fallbacks: {},
});
const builtin = (type: string) => loader.load({ kind: "builtin", type }, type);

test("services in the program are found by their type", async () => {
  expect(loader.builtinTypes).toEqual(["examples.shipped", "broken"]);
  expect((await builtin("examples.shipped")).serviceClass).toBe(Shipped);
  await expect(builtin("stranger")).rejects.toThrow(ServiceLoadError);
  await expect(builtin("broken")).rejects.toThrow(ServiceDefinitionError);
});

test("a file on disk gets the framework of this program, so that its class is one of ours", async () => {
  using folder = tempFolder();
  const path = await folder.write(
    "dome.ts",
    `import { BaseBlockingPermanentService, service } from "ocabox-tcs";
@service class Hidden extends BaseBlockingPermanentService { async runService() {} }
export const other: string = Hidden.name;`,
  );
  const { serviceClass } = await loader.load({ kind: "file", path }, "dome");
  expect(serviceClass.prototype).toBeInstanceOf(BaseBlockingPermanentService);
  expect(serviceClass.name).toBe("Hidden");
});

test("a file that throws, or imports what is not there, is told with its path and reason, in one line", async () => {
  using folder = tempFolder();
  const files = {
    "throws.ts": ["throw new Error('bad\\nlens');", "bad lens"],
    "imports.ts": ["import 'no-such-package';", "no-such-package"],
    "throws-text.ts": ["throw 'text';", "text"],
  };
  for (const [name, [text = "", reason = ""]] of Object.entries(files)) {
    const path = await folder.write(name, text);
    const error = await loader.load({ kind: "file", path }, "x").catch((caught: unknown) => caught);
    if (!(error instanceof ServiceLoadError)) throw new Error(`${name}: ${error}`);
    expect(error.message).toStartWith(`cannot load ${path}: `);
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain("\n");
  }
});

test("a class that cannot be a service is refused as such, not as a file that does not load", async () => {
  using folder = tempFolder();
  const path = await folder.write(
    "wrong.ts",
    `import { BaseBlockingPermanentService, service } from "ocabox-tcs";
@service export class Wrong extends BaseBlockingPermanentService { startService() {} async runService() {} }`,
  );
  await expect(loader.load({ kind: "file", path }, "wrong")).rejects.toThrow(ServiceDefinitionError);
});
