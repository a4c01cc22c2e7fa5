// A service on disk gets the framework in this program: whether it is written for it.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { judgeFramework } from "../../src/host/framework-version.ts";
import { tempFolder } from "../support/temp.ts";

type About = Record<string, unknown>;

/** What is said of src/dome.ts in a project with this package.json, and this copy installed. */
async function judge(version: string, about: About | undefined, copy?: string) {
  using folder = tempFolder();
  if (about) await folder.write("package.json", JSON.stringify(about));
  if (copy) await folder.write("node_modules/ocabox-tcs/package.json", JSON.stringify({ version: copy }));
  const verdict = judgeFramework(join(folder.path, "src/dome.ts"), version);
  return verdict.fits ? "fits" : `${verdict.works ? "works" : "refused"}: ${verdict.why.replace(folder.path, "/x")}`;
}

const asks = (range: string): About => ({ dependencies: { "ocabox-tcs": range } });

describe("a service fits", () => {
  test.each<[string, About | undefined, string | undefined]>([
    ["0.1.0", undefined, undefined],
    ["0.1.0", {}, undefined],
    ["0.1.4", asks("^0.1.0"), "0.1.0"],
    ["1.4.0", asks("^1.2.0"), undefined],
    ["2.0.0", { ...asks("^1.0.0"), peerDependencies: { "ocabox-tcs": ">=1.0 <3" } }, "1.0.0"],
    ["2.0.0", asks("^1.0.0 || ^2.0.0"), undefined],
    ["0.1.0", asks("file:../ocabox-tcs.tgz"), "0.1.0"],
    ["0.1.0", asks("file:../ocabox-tcs.tgz"), undefined],
    ["0.1.0", asks("latest"), undefined],
    ["0.1.0", asks("*"), "0.1.0"],
    ["0.3.0", { name: "ocabox-tcs", version: "0.1.0" }, undefined],
  ])("%s for %j with a copy %s", async (version, about, copy) => {
    expect(await judge(version, about, copy)).toBe("fits");
  });
});

describe("a service does not quite fit", () => {
  test.each<[string, About | undefined, string | undefined, string]>([
    [
      "1.2.0",
      asks("^1.4.0"),
      undefined,
      "works: it is written for ocabox-tcs ^1.4.0 (package.json in /x), and this tcs has 1.2.0",
    ],
    [
      "0.1.0",
      undefined,
      "0.1.3",
      "works: it is written for ocabox-tcs ^0.1.3 (the copy beside it is 0.1.3), and this tcs has 0.1.0",
    ],
  ])("and works: %s for %j with a copy %s", async (version, about, copy, said) => {
    expect(await judge(version, about, copy)).toBe(said);
  });

  test.each<[string, About | undefined, string | undefined, string]>([
    [
      "2.0.0",
      asks("^1.4.0"),
      "1.4.2",
      "refused: it is written for ocabox-tcs ^1.4.0 (package.json in /x), and this tcs has 2.0.0: update tcs, or the service and its ocabox-tcs",
    ],
    [
      "0.1.0",
      asks("file:../ocabox-tcs.tgz"),
      "0.2.0",
      "refused: it is written for ocabox-tcs ^0.2.0 (the copy beside it is 0.2.0), and this tcs has 0.1.0: update tcs, or the service and its ocabox-tcs",
    ],
  ])("and is refused: %s for %j with a copy %s", async (version, about, copy, said) => {
    expect(await judge(version, about, copy)).toBe(said);
  });
});
