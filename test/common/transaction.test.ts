import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FileEntry, type FolderEntry, WriteError, writeAll } from "../../src/common/transaction.ts";
import { tempFolder } from "../support/temp.ts";

const file = (
  path: string,
  content: string,
  replaces: FileEntry["replaces"] = "nothing",
  mode?: number,
): FileEntry => ({
  kind: "file",
  path,
  content,
  replaces,
  ...(mode === undefined ? {} : { mode }),
});
const folder = (path: string, files: Record<string, string>): FolderEntry => ({
  kind: "folder",
  path,
  files: new Map(Object.entries(files)),
});

/** Every path below, with the text of files. */
function contents(root: string): Record<string, string> {
  const found = readdirSync(root, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(root.length + 1), entry.isFile() ? readFileSync(path, "utf8") : "/"];
    }),
  );
}

test("files and folders are written, parents made, and nothing else is left", () => {
  using temp = tempFolder();
  const written = writeAll([
    file(join(temp.path, "a/b/run"), "#!x", "nothing", 0o755),
    folder(join(temp.path, "types"), { "x.d.ts": "1", "zod/v4/y.d.ts": "2" }),
  ]);
  expect(written.map(({ action }) => action)).toEqual(["created", "created"]);
  expect(contents(temp.path)).toEqual({
    a: "/",
    "a/b": "/",
    "a/b/run": "#!x",
    types: "/",
    "types/x.d.ts": "1",
    "types/zod": "/",
    "types/zod/v4": "/",
    "types/zod/v4/y.d.ts": "2",
  });
  expect(statSync(join(temp.path, "a/b/run")).mode & 0o777).toBe(0o755);
});

test("files are replaced where that is allowed, and keep their permissions", async () => {
  using temp = tempFolder();
  const yaml = await temp.write("services.yaml", "old\n");
  chmodSync(yaml, 0o640);
  const service = await temp.write("dome.ts", "mine");
  await temp.write("types/old.d.ts", "0");
  const written = writeAll([
    file(service, "new", "anything"),
    file(yaml, "old\nnew\n", { text: "old\n" }),
    folder(join(temp.path, "types"), { "new.d.ts": "1" }),
  ]);
  expect(written.map(({ action }) => action)).toEqual(["replaced", "updated", "updated"]);
  expect(contents(temp.path)).toEqual({
    "dome.ts": "new",
    "services.yaml": "old\nnew\n",
    types: "/",
    "types/new.d.ts": "1",
  });
  expect(statSync(yaml).mode & 0o777).toBe(0o640);
});

describe("a failure on the way takes back everything", () => {
  /** Entries that go well, with one of each kind, then the one that does not. */
  async function failing(
    last: (root: string) => FileEntry | FolderEntry,
    prepare: (root: string) => void = () => undefined,
  ) {
    const temp = tempFolder();
    const yaml = await temp.write("services.yaml", "old\n");
    chmodSync(yaml, 0o640);
    await temp.write("dome.ts", "mine");
    await temp.write("types/old.d.ts", "0");
    prepare(temp.path);
    const before = contents(temp.path);
    const entries = [
      file(join(temp.path, "new/deep/dome.test.ts"), "x"),
      file(join(temp.path, "dome.ts"), "new", "anything"),
      file(yaml, "old\nnew\n", { text: "old\n" }),
      folder(join(temp.path, "types"), { "new.d.ts": "1" }),
      last(temp.path),
    ];
    return { temp, before, yaml, run: () => writeAll(entries) };
  }

  test.each<[string, (root: string) => FileEntry | FolderEntry, string]>([
    ["a file that is there already", (root) => file(join(root, "dome.ts"), "x"), "it exists already"],
    ["a folder in a file's place", (root) => file(join(root, "inner"), "x", "anything"), "it is not a file"],
    ["a file in a folder's place", (root) => file(join(root, "dome.ts/x"), "x"), "a part of the path is a file"],
    ["a file changed meanwhile", (root) => file(join(root, "b.yaml"), "x", { text: "b" }), "changed by something else"],
    ["a name that is too long", (root) => file(join(root, "n".repeat(260)), "x"), "the path is too long"],
  ])("%s", async (_what, last, reason) => {
    const { temp, before, yaml, run } = await failing(last, (root) => {
      mkdirSync(join(root, "inner"));
      writeFileSync(join(root, "b.yaml"), "changed");
    });
    using _ = temp;
    expect(run).toThrow(WriteError);
    expect(run).toThrow(reason);
    expect(run).toThrow("nothing was written");
    expect(contents(temp.path)).toEqual(before);
    expect(statSync(yaml).mode & 0o777).toBe(0o640);
  });

  test("a link to nowhere is not written through", async () => {
    const { temp, before, run } = await failing(
      (root) => file(join(root, "link.ts"), "x"),
      (root) => symlinkSync("/nowhere/at/all", join(root, "link.ts")),
    );
    using _ = temp;
    expect(run).toThrow("it exists already");
    expect(contents(temp.path)).toEqual(before);
  });
});
