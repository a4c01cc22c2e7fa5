// What tcs install puts where, keeps, and takes away: with small stand-ins for the executable.
import { describe, expect, test } from "bun:test";
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { takeLockFile } from "../../src/common/lock-file.ts";
import { EXTRAS, foreignFiles, install, layoutOf, rollBack, uninstall, withPrefix } from "../../src/install/index.ts";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";

/** A prefix, and packages for it. */
function scene() {
  const folder = tempFolder();
  const layout = layoutOf(join(folder.path, "prefix"));
  const executable = (version: string) => {
    const path = join(folder.path, `built-${version}`);
    writeFileSync(
      path,
      `#!/bin/sh\n# ${version}\ncase $1 in nap) while :; do sleep 0.05; done ;; *) echo ${version} ;; esac\n`,
      { mode: 0o755 },
    );
    return path;
  };
  const pack = (version: string) => ({
    version,
    executable: executable(version),
    extras: { bash: `bash ${version}`, zsh: `zsh ${version}`, fish: `fish ${version}`, man: `man ${version}` },
  });
  return {
    layout,
    folder,
    pack,
    put: (version: string) => withPrefix(layout, async () => install(layout, pack(version))),
    says: () => Bun.spawnSync([layout.link]).stdout.toString().trim(),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Every file and link below a folder. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

describe("an installation", () => {
  test("is the executable, a link to it, completion for each shell and the manual page", async () => {
    using it = scene();
    expect(await it.put("1")).toEqual({ version: "1", before: undefined, pruned: [] });
    expect(it.says()).toBe("1");
    expect(readlinkSync(it.layout.link)).toBe("../lib/tcs/1/tcs");
    for (const [name, path] of Object.entries(EXTRAS)) {
      expect(readFileSync(join(it.layout.prefix, path), "utf8")).toBe(`${name} 1`);
      expect(statSync(join(it.layout.prefix, path)).mode & 0o777).toBe(0o644);
    }
  });

  test("made again changes nothing", async () => {
    using it = scene();
    await it.put("1");
    const before = filesBelow(it.layout.prefix);
    const { ino } = statSync(join(it.layout.home, "1/tcs"));
    expect(await it.put("1")).toEqual({ version: "1", before: "1", pruned: [] });
    expect(filesBelow(it.layout.prefix)).toEqual(before);
    expect(statSync(join(it.layout.home, "1/tcs")).ino).toBe(ino);
  });

  test("keeps the last three versions", async () => {
    using it = scene();
    for (const version of ["1", "2", "3"]) await it.put(version);
    expect((await it.put("4")).pruned).toEqual(["1"]);
    expect(
      readdirSync(it.layout.home)
        .filter((name) => /^\d$/.test(name))
        .toSorted(),
    ).toEqual(["2", "3", "4"]);
  });

  test("keeps a version that is still run, and removes it when it is not", async () => {
    using it = scene();
    await it.put("1");
    // What runs must be a program of its own for its file to be seen: the shell is copied.
    const shell = join(it.layout.home, "1/tcs");
    rmSync(shell);
    writeFileSync(shell, readFileSync("/bin/sh"), { mode: 0o755 });
    const running = Bun.spawn([shell, "-c", "read _"], { stdin: "pipe" });
    try {
      for (const version of ["2", "3", "4", "5"]) await it.put(version);
      expect(existsSync(shell)).toBe(true);
    } finally {
      running.kill();
      await running.exited;
    }
    expect((await it.put("5")).pruned).toContain("1");
  });

  test("replaces what an interrupted one has left", async () => {
    using it = scene();
    await it.put("1");
    writeFileSync(join(it.layout.home, "1/.tcs-new.tcs"), "half");
    Bun.spawnSync(["mkdir", "-p", join(it.layout.home, "2")]);
    writeFileSync(join(it.layout.home, "2/.tcs-new.tcs"), "half");
    symlinkSync("nowhere", join(it.layout.prefix, "bin/.tcs-new.tcs"));
    expect(it.says()).toBe("1");
    await it.put("3");
    expect(it.says()).toBe("3");
    expect(filesBelow(it.layout.prefix).filter((path) => path.includes("tcs-new"))).toEqual([]);
    expect(existsSync(join(it.layout.home, "2"))).toBe(false);
  });

  test("is one at a time", async () => {
    using it = scene();
    await it.put("1");
    const held = takeLockFile(it.layout.lock);
    expect(held.ok).toBe(true);
    await expect(it.put("2")).rejects.toThrow(
      `another tcs install is at work in ${it.layout.prefix} (pid ${process.pid})`,
    );
    expect(it.says()).toBe("1");
    if (held.ok) held.release();
    await it.put("2");
    expect(it.says()).toBe("2");
  });

  test("finds files that are somebody else's, and knows its own", async () => {
    using it = scene();
    await Bun.write(it.layout.link, "#!/bin/sh\necho mine\n");
    await Bun.write(join(it.layout.prefix, EXTRAS.fish), "mine");
    expect(foreignFiles(it.layout, it.pack("1"))).toEqual([it.layout.link, join(it.layout.prefix, EXTRAS.fish)]);
    await it.put("1");
    expect(foreignFiles(it.layout, it.pack("2"))).toEqual([]);
  });

  test("refuses to guess when its record is damaged", async () => {
    using it = scene();
    await it.put("1");
    writeFileSync(it.layout.manifest, "{");
    await expect(it.put("2")).rejects.toThrow(/manifest\.json is damaged/);
    expect(it.says()).toBe("1");
  });
});

describe("going back", () => {
  test("is to the version before, with its completion and page; twice is where it was", async () => {
    using it = scene();
    await it.put("1");
    await it.put("2");
    expect(rollBack(it.layout)).toMatchObject({ version: "1", before: "2" });
    expect(it.says()).toBe("1");
    expect(readFileSync(join(it.layout.prefix, EXTRAS.man), "utf8")).toBe("man 1");
    expect(rollBack(it.layout)).toMatchObject({ version: "2", before: "1" });
    expect(it.says()).toBe("2");
  });

  test("is refused when there is none", async () => {
    using it = scene();
    await it.put("1");
    expect(() => rollBack(it.layout)).toThrow(/there is no version in \S+ to go back to/);
    expect(it.says()).toBe("1");
  });
});

describe("taking away", () => {
  test("leaves nothing of what was written, and all of what was not", async () => {
    using it = scene();
    await Bun.write(join(it.layout.prefix, "bin/other"), "other");
    const before = filesBelow(it.layout.prefix);
    await it.put("1");
    await it.put("2");
    // One was killed while it took the lock.
    writeFileSync(join(it.layout.home, "lock.999999999"), "{}");
    expect(await withPrefix(it.layout, async () => uninstall(it.layout))).toEqual([]);
    expect(filesBelow(it.layout.prefix)).toEqual(before);
    expect(readdirSync(it.layout.prefix)).toEqual(["bin"]);
  });

  test("leaves a file that was changed, and says so", async () => {
    using it = scene();
    await it.put("1");
    const page = join(it.layout.prefix, EXTRAS.man);
    writeFileSync(page, "better");
    expect(await withPrefix(it.layout, async () => uninstall(it.layout))).toEqual([page]);
    expect(filesBelow(it.layout.prefix)).toEqual([EXTRAS.man]);
  });

  test("leaves no folder behind when there was nothing", async () => {
    using it = scene();
    await expect(withPrefix(it.layout, async () => uninstall(it.layout))).rejects.toThrow(/nothing is installed in/);
    expect(existsSync(it.layout.prefix)).toBe(false);
  });
});

describe("tcs install --rollback --dry-run", () => {
  test("says which version would be current, and changes nothing", async () => {
    using it = scene();
    await it.put("1");
    await it.put("2");
    const command = ["install", "--rollback", "--dry-run", "--prefix", it.layout.prefix];
    expect(await runTcs(command)).toMatchObject({ code: 0, stdout: "would go back to 1, from 2\n" });
    const { stdout } = await runTcs([...command, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ version: "1", before: "2", dry_run: true, launchers: [] });
    expect(it.says()).toBe("2");
  });

  test("where there is none to go back to, fails as without --dry-run", async () => {
    using it = scene();
    await it.put("1");
    const { code, stderr } = await runTcs(["install", "--rollback", "--dry-run", "--prefix", it.layout.prefix]);
    expect({ code, said: stderr.split("\n")[0] }).toEqual({
      code: 1,
      said: `tcs: there is no version in ${it.layout.home} to go back to`,
    });
  });
});
