import { beforeAll, describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { bundledModules } from "../../src/build/compile.ts";
import { bundleFramework } from "../../src/build/framework-bundle.ts";
import { gatherThirdParties } from "../../src/build/licenses/gather.ts";
import { describeModule, goModules } from "../../src/build/licenses/go-modules.ts";
import { describePackage, packageFolders } from "../../src/build/licenses/npm-packages.ts";
import { isKnownLicense, textOf } from "../../src/build/licenses/spdx.ts";
import { assertLicensed } from "../../src/build/release/assemble.ts";
import { inOrder, packThirdParties, type ThirdParty, unpackThirdParties } from "../../src/cli/licenses/third-party.ts";
import { natsServerPath } from "../support/nats.ts";
import { tempFolder } from "../support/temp.ts";

const ROOT = join(import.meta.dir, "../..");
const ENTRYPOINTS = ["src/cli/main.ts", "src/entry/worker.ts"].map((path) => join(ROOT, path));
const DEFINE = { TCS_COMMIT: '"abc1234"' };
const broker = { path: natsServerPath(), sha256: "", size: 0, version: "2.9.10" };

describe("of this program", () => {
  let modules: Set<string>;
  let all: ThirdParty[];
  beforeAll(async () => {
    modules = await bundledModules(ENTRYPOINTS, DEFINE);
    all = gatherThirdParties(modules, broker);
  });
  const names = (part: ThirdParty["part"]) => all.filter((one) => one.part === part).map(({ name }) => name);

  test("every package that the bundler read is listed, and no other", () => {
    const folders = [...packageFolders(modules)].map((folder) => folder.split("node_modules/").at(-1) ?? "");
    expect(names("package").toSorted()).toEqual(folders.toSorted());
    expect(folders).toContain("zod");
    expect(folders).toContain("@inquirer/figures");
    // For developers only.
    expect(folders).not.toContain("typescript");
  });

  test("every package of the framework for tests is among them", async () => {
    const maps = [...(await bundleFramework(DEFINE))].filter(([name]) => name.endsWith(".map"));
    const sources = maps.flatMap(([, text]) => (JSON.parse(text) as { sources: string[] }).sources);
    const inside = [...packageFolders(sources)].map((folder) => basename(folder));
    expect(inside).toContain("nats");
    expect(names("package")).toEqual(expect.arrayContaining(inside));
  });

  test("the runtime, the broker with its Go modules, and the types for editors are listed", () => {
    expect(names("runtime")).toEqual(["bun"]);
    expect(names("broker")).toEqual(["nats-server"]);
    expect(names("broker module")).toEqual(
      expect.arrayContaining(["Go standard library", "github.com/nats-io/nkeys", "golang.org/x/crypto"]),
    );
    expect(names("types")).toContain("bun-types");
  });

  test("every license is known, and its text is there", () => {
    expect(all.filter(({ license }) => !isKnownLicense(license))).toEqual([]);
    for (const { name, text } of all) {
      expect([name, text.length > 500]).toEqual([name, true]);
      expect([name, /<year>|<owner>|<copyright holders>/.test(text)]).toEqual([name, false]);
    }
  });

  test("Bun's text has what it links, and the terms of the parts under the LGPL", () => {
    const { text = "" } = all.find(({ name }) => name === "bun") ?? {};
    expect(text).toContain("Bun statically links JavaScriptCore");
    expect(text).toContain("GNU LIBRARY GENERAL PUBLIC LICENSE");
    expect(text).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
    expect(text).toContain("mimalloc");
  });

  test("the broker's text has the whole Apache license, also where its package only names it", async () => {
    using folder = tempFolder();
    const copyright = await folder.write("copyright", "Copyright: 2012-2021 The NATS authors\nLicense: Apache-2.0\n");
    const given = gatherThirdParties([], { ...broker, copyright }).find(({ name }) => name === "nats-server");
    expect(given?.text).toStartWith("Copyright: 2012-2021 The NATS authors");
    expect(given?.text).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
  });

  test("they are the same after packing and unpacking, and small", () => {
    const packed = packThirdParties(all);
    expect(unpackThirdParties(packed)).toEqual(all);
    expect(packed.length).toBeLessThan(100_000);
  });
});

describe("of a package", () => {
  const made = async (about: object, files: Record<string, string> = {}) => {
    const folder = tempFolder("tcs-package-");
    await folder.write("package.json", JSON.stringify({ name: "dome", version: "1.2.3", ...about }));
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    return folder;
  };

  test("all its files about it are its text", async () => {
    using folder = await made({ license: "MIT" }, { "LICENSE-MIT": "mine", NOTICE: "and theirs", "README.md": "no" });
    expect(describePackage(folder.path, "package")).toMatchObject({ license: "MIT", text: "mine\n\nand theirs" });
  });

  test("without one it is the standard text, with its author", async () => {
    using folder = await made({ license: "MIT", author: { name: "Ada" } });
    expect(describePackage(folder.path, "package").text).toStartWith("MIT License\n\nCopyright (c) Ada\n\nPermission");
  });

  test("the old form is understood", async () => {
    using folder = await made({ licenses: [{ type: "ISC" }] });
    expect(describePackage(folder.path, "package").license).toBe("ISC");
  });

  test.each([
    [{}, '"none given"'],
    [{ license: "SEE LICENSE IN terms.txt" }, '"SEE LICENSE IN terms.txt"'],
    [{ license: "UNLICENSED" }, '"UNLICENSED"'],
  ])("one under %j is refused", async (about, told) => {
    using folder = await made(about);
    expect(() => describePackage(folder.path, "package")).toThrow(`the license of dome 1.2.3 is unknown: ${told}`);
  });
});

test("an expression is known when all of its names are", () => {
  expect(isKnownLicense("(MIT OR CC0-1.0)")).toBe(true);
  expect(isKnownLicense("MIT AND Whatever-1.0")).toBe(false);
  expect(isKnownLicense("")).toBe(false);
});

test("of a package inside another package the inner one counts", () => {
  const modules = ["node_modules/nats/node_modules/@scope/nkeys/lib/a.js", "src/main.ts", "node_modules/zod/index.js"];
  expect([...packageFolders(modules)]).toEqual([
    join(process.cwd(), "node_modules/nats/node_modules/@scope/nkeys"),
    join(process.cwd(), "node_modules/zod"),
  ]);
});

describe("Go modules", () => {
  test("are told by the names of functions where the build has not noted them, with versions by Debian", async () => {
    const { modules } = await program(
      "\0github.com/nats-io/nkeys.Decode\0golang.org/x/crypto/ed25519.Sign\0",
      "Built-Using: golang-1.19 (= 1.19.8-2), golang-github-nats-io-nkeys (= 0.3.0-2), golang-go.crypto (= 1:0.4.0-1)",
    );
    expect(modules).toEqual([
      { path: "github.com/nats-io/nkeys", version: "v0.3.0" },
      { path: "golang.org/x/crypto", version: "v0.4.0" },
    ]);
  });

  test("are told by the build's notes where it has them", async () => {
    const notes =
      "mod\tgithub.com/nats-io/nats-server/v2\tv2.11.11\ndep\tgithub.com/minio/highwayhash\tv1.0.3\th1:abc=\n";
    const text = `\xff Go buildinf:\x08\x02${"\0".repeat(16)}${sized("go1.24.9")}${sized(notes)}`;
    expect(await program(text)).toEqual({
      go: "1.24.9",
      modules: [{ path: "github.com/minio/highwayhash", version: "v1.0.3" }],
    });
  });

  test("with one that nobody has looked up one can build, but not release", () => {
    const known = describeModule({ path: "golang.org/x/sys", version: "v0.3.0" });
    expect(() => assertLicensed([known])).not.toThrow();
    const unknown = describeModule({ path: "github.com/someone/new", version: "v1.0.0" });
    expect(isKnownLicense(unknown.license)).toBe(false);
    expect(() => assertLicensed([known, unknown])).toThrow(
      "the licenses of these Go modules in nats-server are unknown: github.com/someone/new",
    );
  });

  const sized = (text: string) => String.fromCharCode((text.length & 0x7f) | 0x80, text.length >> 7) + text;
  async function program(text: string, builtUsing?: string) {
    using folder = tempFolder();
    return goModules(await folder.write("nats-server", Buffer.from(text, "latin1")), builtUsing);
  }
});

test("a standard text names whose work it is in its own place", () => {
  expect(textOf("BSD-3-Clause", "Copyright (c) 2009 $& The Go Authors")).toStartWith(
    "Copyright (c) 2009 $& The Go Authors\n",
  );
  expect(textOf("Apache-2.0", "Copyright The NATS Authors")).toStartWith(
    "Copyright The NATS Authors\n\nApache License",
  );
});

test("they are listed by their parts, then by their names", () => {
  const one = (name: string, part: ThirdParty["part"]) => ({ name, part, version: "1", license: "MIT", text: "" });
  const listed = inOrder([one("b", "package"), one("z", "runtime"), one("A", "package"), one("c", "broker")]);
  expect(listed.map(({ name }) => name)).toEqual(["z", "c", "A", "b"]);
});
