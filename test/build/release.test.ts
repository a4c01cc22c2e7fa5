import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { missingIn, sectionsOf } from "../../src/build/release/changelog.ts";
import { assertReady, type Candidate } from "../../src/build/release/readiness.ts";
import { run } from "../../src/build/run.ts";
import { hostTarget } from "../../src/build/targets.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const ROOT = join(import.meta.dir, "../..");
const AT = 1_795_219_200;
/** Two builds on a busy machine. */
const BUILD_LIMIT_MS = 180_000;

describe("a commit is ready for release", () => {
  const ready: Candidate = {
    identity: { version: "0.2.0", commit: "3f2a91c", date: "2026-11-21", time: AT },
    tag: "0.2.0",
    changed: [],
    inGit: true,
    planned: "0.2.0",
    changelog: "# Changelog\n\n## [0.2.0] - 2026-11-21\n\n### Added\n\n- More.\n",
  };

  test("when it is tagged, clean, and told of", () => {
    expect(() => assertReady(ready)).not.toThrow();
  });

  test.each([
    ["outside a repository", { inGit: false }, "a release is made from a git repository: this folder is none"],
    ["with changed files", { changed: ["a", "b"] }, "files differ from the commit: a, b"],
    [
      "with many of them",
      { changed: ["a", "b", "c", "d", "e", "f", "g"] },
      "files differ from the commit: a, b, c, d, e and 2 more",
    ],
    ["without a tag", { tag: undefined }, "the commit 3f2a91c has no tag that names a version"],
    ["with the tag of another version", { tag: "0.3.0" }, "the tag is v0.3.0, and package.json has version 0.2.0"],
    [
      "that the changelog does not know",
      { changelog: "## [Unreleased]\n\n- More.\n" },
      'CHANGELOG.md does not tell of 0.2.0: it has no section "## [0.2.0] - DATE"',
    ],
  ])("not %s", (_, difference: Partial<Candidate>, complaint) => {
    expect(() => assertReady({ ...ready, ...difference })).toThrow(complaint);
  });
});

describe("a changelog", () => {
  test("is read by its headings, without the links below", () => {
    const text =
      "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-21\n\n### Added\n\n- All.\n\n[0.1.0]: https://x/y\n";
    expect(sectionsOf(text)).toEqual([
      { name: "Unreleased", date: undefined, text: "" },
      { name: "0.1.0", date: "2026-11-21", text: "### Added\n\n- All." },
    ]);
  });

  test("tells of a version in a section with a date and a text", () => {
    expect(missingIn("## [0.1.0] - 2026-11-21\n\n- All.\n", "0.1.0")).toBeUndefined();
    expect(missingIn("## [0.1.0]\n\n- All.\n", "0.1.0")).toBe("its section [0.1.0] has no date");
    expect(missingIn("## [0.1.0] - 2026-11-21\n\n## [0.0.9] - 2026-11-20\n\n- x\n", "0.1.0")).toBe(
      "its section [0.1.0] says nothing",
    );
  });

  test("of ours has the form that a release asks for", () => {
    const sections = sectionsOf(readFileSync(join(ROOT, "CHANGELOG.md"), "utf8"));
    expect(sections.length).toBeGreaterThan(0);
    for (const { name, date, text } of sections) {
      expect(name === "Unreleased" || (/^\d+\.\d+\.\d+/.test(name) && date !== undefined)).toBe(true);
      expect(name === "Unreleased" || text !== "").toBe(true);
      const kinds = [...text.matchAll(/^### (.*)$/gm)].map(([, kind = ""]) => kind);
      expect(["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]).toEqual(expect.arrayContaining(kinds));
    }
  });
});

describe("npm run release", () => {
  let folder: TempFolder;
  let first: string;
  let second: string;
  beforeAll(async () => {
    folder = tempFolder("tcs-release-");
    first = join(folder.path, "a");
    second = join(folder.path, "another/folder/of the same commit");
    await copySources(first);
  }, BUILD_LIMIT_MS);
  afterAll(() => folder[Symbol.dispose]());

  test("refuses a commit without a tag, and changed files, in two lines", async () => {
    expect(await release(first)).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^release: the commit [0-9a-f]{7} has no tag that names a version\n {9}git tag v0\.1\.0, or try it as it is: npm run release -- --snapshot\n$/,
      ),
    });
    writeFileSync(join(first, "new.txt"), "new");
    expect((await release(first)).stderr).toStartWith("release: files differ from the commit: new.txt\n");
    await git(first, "clean", "-q", "-f");
    expect(existsSync(join(first, "dist"))).toBe(false);
  });

  test(
    "puts executable, bill of materials, licenses, package and checksums of a tagged commit in dist/release",
    async () => {
      await git(first, "tag", "v0.1.0");
      const { code, stdout, stderr } = await release(first, "--target", hostTarget());
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const made = join(first, "dist/release");
      expect(readdirSync(made).toSorted()).toEqual([
        "SHA256SUMS",
        "ocabox-tcs-0.1.0.tgz",
        "tcs-0.1.0-licenses.txt",
        `tcs-0.1.0-${hostTarget()}`,
        `tcs-0.1.0-${hostTarget()}.cdx.json`,
      ]);
      expect(stdout).toContain(`dist/release/tcs-0.1.0-${hostTarget()}  1`);
      expect(readdirSync(join(first, "dist"))).toEqual(["release"]);

      const executable = join(made, `tcs-0.1.0-${hostTarget()}`);
      expect((await run([executable, "--version"])).trim()).toBe("0.1.0");
      const own = JSON.parse(await run([executable, "version", "--json"]));
      expect(own).toMatchObject({ version: "0.1.0", date: "2026-11-21" });

      const checked = await run(["sha256sum", "-c", "SHA256SUMS"], { cwd: made });
      expect(checked.trim().split("\n")).toHaveLength(4);
      await Bun.write(join(folder.path, "damaged/SHA256SUMS"), Bun.file(join(made, "SHA256SUMS")));
      await expect(run(["sha256sum", "-c", "SHA256SUMS"], { cwd: join(folder.path, "damaged") })).rejects.toThrow();

      const licenses = readFileSync(join(made, "tcs-0.1.0-licenses.txt"), "utf8");
      expect(licenses).toStartWith("MIT License");
      expect(licenses).toContain((await run([executable, "licenses", "--all"])).trim());
    },
    BUILD_LIMIT_MS,
  );

  test("its bill of materials is one by CycloneDX's own schema, and lists what is inside", async () => {
    const made = join(first, "dist/release");
    const text = readFileSync(join(made, `tcs-0.1.0-${hostTarget()}.cdx.json`), "utf8");
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
    const broken = text.replace('"bomFormat": "CycloneDX"', '"bomFormat": "Cyclone"');
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(broken)).not.toBeNull();

    // By the schema.
    const bom = JSON.parse(text) as {
      metadata: { component: { hashes: { content: string }[] } };
      components: { name: string; group?: string; version: string; purl: string; "bom-ref": string }[];
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    const executable = join(made, `tcs-0.1.0-${hostTarget()}`);
    expect(readFileSync(join(made, "SHA256SUMS"), "utf8")).toContain(
      `${bom.metadata.component.hashes[0]?.content}  tcs-0.1.0-${hostTarget()}\n`,
    );
    const { third_parties: inside } = JSON.parse(await run([executable, "licenses", "--json"])) as {
      third_parties: { name: string }[];
    };
    const names = bom.components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
    expect(names).toEqual(inside.map(({ name }) => name));
    const purls = bom.components.map(({ purl }) => purl);
    expect(purls).toContain(`pkg:npm/zod@${bom.components.find(({ name }) => name === "zod")?.version}`);
    expect(purls).toContainEqual(expect.stringMatching(/^pkg:npm\/%40inquirer\/figures@/));
    expect(purls).toContainEqual(expect.stringMatching(/^pkg:golang\/github\.com\/nats-io\/nkeys/));
    expect(purls).toContainEqual(expect.stringMatching(/^pkg:npm\/%40oven\/bun-linux-/));

    const references = new Set(["tcs", ...bom.components.map((component) => component["bom-ref"])]);
    expect(references.size).toBe(bom.components.length + 1);
    const reached = new Set<string>();
    const reach = (ref: string) => {
      if (reached.has(ref)) return;
      reached.add(ref);
      expect(references).toContain(ref);
      for (const next of bom.dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) reach(next);
    };
    reach("tcs");
    expect([...references].filter((ref) => !reached.has(ref))).toEqual([]);
  });

  test(
    "the same commit gives the same bytes in another folder, time zone and language, by whoever hides new files",
    async () => {
      mkdirSync(second, { recursive: true });
      await git(second, "clone", "-q", first, ".");
      await bringPackages(second);
      const env = { TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8", HOME: folder.path };
      const command = `umask 077; exec bun src/build/release.ts --target ${hostTarget()}`;
      expect(await runIn(second, ["sh", "-c", command], env)).toMatchObject({ code: 0 });
      const [one, other] = [join(first, "dist/release"), join(second, "dist/release")];
      expect(readFileSync(join(other, "SHA256SUMS"), "utf8")).toBe(readFileSync(join(one, "SHA256SUMS"), "utf8"));
    },
    BUILD_LIMIT_MS,
  );

  const release = (root: string, ...args: string[]) => runIn(root, ["bun", "src/build/release.ts", ...args]);
});

/** The sources as they stand here, as the only commit of a new repository. */
async function copySources(to: string): Promise<void> {
  const listed = await run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const name of listed.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    cpSync(join(ROOT, name), join(to, name));
  }
  const changelog = readFileSync(join(to, "CHANGELOG.md"), "utf8");
  writeFileSync(join(to, "CHANGELOG.md"), changelog.replace("## [Unreleased]", "## [0.1.0] - 2026-11-21"));
  await bringPackages(to);
  await git(to, "init", "-q");
  await git(to, "add", ".");
  await git(to, "commit", "-q", "-m", "everything");
}

/** What a build needs beside the sources. */
async function bringPackages(to: string): Promise<void> {
  const modules = [join(ROOT, "node_modules"), join(to, "node_modules")] as const;
  // Links where they can be made: on another file system it is a copy.
  await run(["cp", "-al", ...modules]).catch(() => run(["cp", "-a", ...modules]));
  cpSync(join(ROOT, ".cache/broker"), join(to, ".cache/broker"), { recursive: true });
}

/** Git as nobody's settings have it. */
async function git(root: string, ...words: string[]): Promise<void> {
  const when = [`GIT_AUTHOR_DATE=${AT} +0000`, `GIT_COMMITTER_DATE=${AT} +0000`];
  const settings = ["user.name=t", "user.email=t@example.org", "commit.gpgsign=false", "tag.gpgsign=false"];
  await run(["env", ...when, "git", ...settings.flatMap((setting) => ["-c", setting]), ...words], { cwd: root });
}

async function runIn(root: string, command: string[], env: Record<string, string> = {}) {
  const path = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
  const child = Bun.spawn(command, {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}
