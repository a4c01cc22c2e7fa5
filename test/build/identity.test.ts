import { afterEach, beforeEach, expect, test } from "bun:test";
import { developmentVersion, readSources } from "../../src/build/identity.ts";
import { run } from "../../src/build/run.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const AT = 1_795_219_200;
let folder: TempFolder;
beforeEach(async () => {
  folder = tempFolder("tcs-identity-");
  await folder.write("package.json", '{ "version": "0.1.0" }\n');
});
afterEach(() => folder[Symbol.dispose]());

/** Git as nobody's settings have it. */
async function git(...words: string[]): Promise<string> {
  const nobody = [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.org",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "tag.gpgsign=false",
  ];
  const when = [`GIT_AUTHOR_DATE=${AT} +0000`, `GIT_COMMITTER_DATE=${AT} +0000`];
  return (await run(["env", ...when, "git", ...nobody, ...words], { cwd: folder.path })).trim();
}

async function commit(text: string): Promise<string> {
  await folder.write("work.txt", text);
  await git("add", ".");
  await git("commit", "-q", "-m", text);
  return await git("rev-parse", "--short=7", "HEAD");
}

const read = () => readSources(folder.path, {});
const version = async () => (await read()).identity.version;

test("before the first release a version comes before the one in package.json, and counts all commits", async () => {
  await git("init", "-q");
  await commit("one");
  const hash = await commit("two");
  expect(await version()).toBe(`0.1.0-dev.2+g${hash}`);
});

test("a tagged commit has the version of its tag", async () => {
  await git("init", "-q");
  const hash = await commit("one");
  await git("tag", "v0.1.0");
  expect(await read()).toEqual({
    identity: { version: "0.1.0", commit: hash, date: "2026-11-21", time: AT },
    tag: "0.1.0",
    changed: [],
    inGit: true,
  });
});

test("a commit after it comes before the next version, and counts from the tag", async () => {
  await git("init", "-q");
  await commit("one");
  await git("tag", "-m", "release", "v0.1.0");
  const hash = await commit("two");
  expect(await version()).toBe(`0.1.1-dev.1+g${hash}`);
  await folder.write("package.json", '{ "version": "0.2.0" }\n');
  await git("commit", "-q", "-a", "-m", "begin 0.2.0");
  expect(await version()).toMatch(/^0\.2\.0-dev\.2\+g/);
});

test("changed files make it another version, also of a tagged commit, and are named", async () => {
  await git("init", "-q");
  const hash = await commit("one");
  await git("tag", "v0.1.0");
  await folder.write("work.txt", "changed");
  await folder.write("new.txt", "new");
  const { identity, tag, changed } = await read();
  expect(identity.version).toBe(`0.1.1-dev.0+g${hash}.modified`);
  expect(tag).toBe("0.1.0");
  expect(changed.toSorted()).toEqual(["new.txt", "work.txt"]);
});

test("without a repository it is the version of package.json", async () => {
  const { identity, inGit } = await readSources(folder.path, { SOURCE_DATE_EPOCH: String(AT) });
  expect(identity).toEqual({ version: "0.1.0+dev", commit: "unknown", date: "2026-11-21", time: AT });
  expect(inGit).toBe(false);
});

test("in a folder of somebody else's repository too", async () => {
  await git("init", "-q");
  await commit("theirs");
  await folder.write("vendor/tcs/package.json", '{ "version": "0.3.0" }\n');
  expect((await readSources(`${folder.path}/vendor/tcs`, {})).identity.version).toBe("0.3.0+dev");
});

test("versions come in the order in which they are built", () => {
  const of = (planned: string, lastTag: string | undefined, commits: number) =>
    developmentVersion({ planned, lastTag, commits, commit: "3f2a91c", changed: [] });
  const inOrder = [
    of("0.1.0", undefined, 9),
    of("0.1.0", undefined, 10),
    "0.1.0",
    of("0.1.0", "0.1.0", 1),
    of("0.2.0", "0.1.0", 2),
    "0.2.0",
    // Who forgot package.json.
    of("0.1.0", "0.2.0", 3),
  ];
  expect(inOrder.toReversed().toSorted(Bun.semver.order)).toEqual(inOrder);
});
