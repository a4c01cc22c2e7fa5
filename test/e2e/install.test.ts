// tcs install as it is typed: whole or not at all, whatever comes between; its words, and its codes.
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runTcs, tcsBinary } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { binaryOfVersion } from "../support/versions.ts";
import { within } from "../support/wait.ts";

const NEWER = await binaryOfVersion("aaaaaaa");
const OLD_VERSION = (await runTcs(["--version"])).stdout.trim();
const versionOf = (link: string) => spawnSync(link, ["--version"]).stdout.toString().trim();

/** Runs a command where it may mount things that nobody else sees. */
const ownMounts = (script: string, ...args: string[]) =>
  spawnSync("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", ...args], {
    encoding: "utf8",
  });
const canMount = ownMounts("mount -t tmpfs tmpfs /mnt").status === 0;

test("puts everything in place, says where, and what the shell still needs", async () => {
  using folder = tempFolder();
  const link = join(folder.path, "bin/tcs");
  const install = () => runTcs(["install", "--prefix", folder.path]);
  const { code, stdout, stderr } = await install();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^installed ${OLD_VERSION.replaceAll(".", "\\.").replace("+", "\\+")}-[0-9a-f]{8} in ${folder.path}\n$`),
  );
  expect(stderr).toContain(
    `${folder.path}/bin is not on your PATH; in your shell's profile: export PATH="${folder.path}/bin:$PATH"`,
  );
  expect(versionOf(link)).toBe(OLD_VERSION);
  expect((await install()).stdout).toEndWith(" again\n");
  const onPath = await runTcs(["install", "--prefix", folder.path], {
    env: { PATH: `${folder.path}/bin:/usr/bin:/bin` },
  });
  expect(onPath.stderr).not.toContain("PATH");
  // Another tcs that the shell would find first.
  using other = tempFolder();
  await other.write("tcs", "");
  const path = `${other.path}:${folder.path}/bin:/usr/bin:/bin`;
  const hidden = await runTcs(["install", "--prefix", folder.path], { env: { PATH: path } });
  expect(hidden.stderr).toContain(`your shell finds another tcs first, ${other.path}/tcs`);
});

test("says what it would do, and does nothing", async () => {
  using folder = tempFolder();
  const prefix = join(folder.path, "there");
  const { code, stdout } = await runTcs(["install", "--prefix", prefix, "--dry-run"]);
  expect(code).toBe(0);
  expect(stdout).toContain(`would have ${prefix}/bin/tcs lead there (now: nothing of tcs)`);
  expect(existsSync(prefix)).toBe(false);
});

test("answers in JSON, without colours, into a pipe that is closed", async () => {
  using folder = tempFolder();
  const { stdout } = await runTcs(["install", "--prefix", folder.path, "--json"], { env: { NO_COLOR: "1" } });
  expect(JSON.parse(stdout)).toMatchObject({ format: 1, prefix: folder.path, removed: [], renewed: [] });
  expect(stdout).toBe(Bun.stripANSI(stdout));
  const piped = spawnSync("sh", [
    "-c",
    '"$0" install --prefix "$1" | head -c 0; "$1/bin/tcs" --version',
    tcsBinary(),
    folder.path,
  ]);
  expect(piped.stdout.toString().trim()).toBe(OLD_VERSION);
});

test("leaves alone what it has not written, unless told otherwise", async () => {
  using folder = tempFolder();
  const link = await folder.write("bin/tcs", "#!/bin/sh\necho mine\n");
  chmodSync(link, 0o755);
  const refused = await runTcs(["install", "--prefix", folder.path]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`tcs: ${link}: not written by tcs install\n     --yes replaces it`);
  expect(versionOf(link)).toBe("mine");
  expect((await runTcs(["install", "--prefix", folder.path, "--yes"])).code).toBe(0);
  expect(versionOf(link)).toBe(OLD_VERSION);
});

test("goes back, and goes away", async () => {
  using folder = tempFolder();
  const link = join(folder.path, "bin/tcs");
  const run = (program: string, ...args: string[]) =>
    runTcs(["install", "--prefix", folder.path, ...args], { program });
  expect((await run(tcsBinary(), "--rollback")).code).toBe(1);
  await run(tcsBinary());
  const page = () => readFileSync(join(folder.path, "share/man/man1/tcs.1"), "utf8");
  await run(NEWER);
  expect(page()).toContain("0.1.0+aaaaaaa");
  // By the installed one itself: a program may replace and remove its own file.
  expect(await run(link, "--rollback")).toMatchObject({ code: 0 });
  expect(versionOf(link)).toBe(OLD_VERSION);
  expect(page()).toContain(OLD_VERSION.replaceAll("-", "\\-"));
  expect(await run(link, "--uninstall")).toMatchObject({ code: 0, stdout: `removed tcs from ${folder.path}\n` });
  expect(spawnSync("find", [folder.path, "-mindepth", "1"]).stdout.toString()).toBe("");
});

test.each([
  [["--rollback", "--uninstall"], /--rollback or --uninstall, not both/],
  [["--user", "--system"], /one of --prefix, --user and --system/],
  [["--prefx", "/x"], /did you mean --prefix/],
])("refuses %p with code 2", async (args, why) => {
  const { code, stderr } = await runTcs(["install", ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(why);
});

describe("a kill -9 at any moment", () => {
  test("leaves the old version or the new one, whole; another run completes it", async () => {
    using folder = tempFolder();
    const link = join(folder.path, "bin/tcs");
    for (let delayMs = 0; delayMs < 400; delayMs += 25) {
      expect((await runTcs(["install", "--prefix", folder.path])).code).toBe(0);
      const child = Bun.spawn([NEWER, "install", "--prefix", folder.path], { stdio: ["ignore", "ignore", "ignore"] });
      // The moment is the point here.
      await Bun.sleep(delayMs);
      child.kill("SIGKILL");
      await child.exited;
      expect([OLD_VERSION, "0.1.0+aaaaaaa"]).toContain(versionOf(link));
      expect(await runTcs(["install", "--prefix", folder.path], { program: NEWER })).toMatchObject({ code: 0 });
      expect(versionOf(link)).toBe("0.1.0+aaaaaaa");
    }
    expect((await runTcs(["install", "--prefix", folder.path, "--uninstall"])).code).toBe(0);
    expect(spawnSync("find", [folder.path, "-mindepth", "1"]).stdout.toString()).toBe("");
  }, 120_000);
});

test("two at once: both versions come whole, or one is told that the other is at work", async () => {
  using folder = tempFolder();
  const run = (program: string) => runTcs(["install", "--prefix", folder.path], { program });
  const ends = await within("both", Promise.all([run(tcsBinary()), run(NEWER), run(tcsBinary())]));
  expect(ends.map(({ code }) => code)).toContain(0);
  for (const { code, stderr } of ends)
    if (code !== 0) expect(stderr).toMatch(/another tcs install is at work in \S+ \(pid \d+\)/);
  expect([OLD_VERSION, "0.1.0+aaaaaaa"]).toContain(versionOf(join(folder.path, "bin/tcs")));
});

test("a user who is not root gets it below ~/.local", async () => {
  using folder = tempFolder();
  const home = join(folder.path, "home");
  mkdirSync(home);
  for (const path of [folder.path, home]) chmodSync(path, 0o777);
  const program = join(folder.path, "tcs-new");
  copyFileSync(tcsBinary(), program);
  chmodSync(program, 0o755);
  const asUser = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const { code, stdout } = await runTcs(["install"], { program, under: asUser, env: { HOME: home } });
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(` in ${home}/.local\n`) });
  expect(versionOf(join(home, ".local/bin/tcs"))).toBe(OLD_VERSION);
  if (asUser.length === 0) return;
  const refused = await runTcs(["install", "--system"], { program, under: asUser, env: { HOME: home } });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^tcs: cannot make the folder \/usr\/local\/lib\/tcs: .*\n {5}choose another folder with --prefix or --user, or run it as root/,
  );
});

test.skipIf(!canMount)("a read-only prefix is told, with code 1", () => {
  using folder = tempFolder();
  const { status, stderr } = ownMounts(
    'mount -t tmpfs tmpfs "$2" && mount -o remount,ro "$2" && "$1" install --prefix "$2"',
    tcsBinary(),
    folder.path,
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^tcs: cannot make the folder \S+\/lib\/tcs: .*(EROFS|read-only).*\n {5}that file system is read-only: choose another folder/m,
  );
});

test.skipIf(!canMount)("a full disk leaves the version before as it was, and no halves", () => {
  using folder = tempFolder();
  const { status, stderr, stdout } = ownMounts(
    `mount -t tmpfs -o size=200m tmpfs "$3" && "$1" install --prefix "$3" >/dev/null 2>&1 &&
     { "$2" install --prefix "$3"; code=$?; "$3/bin/tcs" --version; find "$3" -name '.tcs-new*'; exit $code; }`,
    tcsBinary(),
    NEWER,
    folder.path,
  );
  expect(status).toBe(1);
  expect(stdout.trim()).toBe(OLD_VERSION);
  expect(stderr).toMatch(
    /^tcs: cannot write \S+\/tcs: .*\n {5}the disk is full: make room, and run it again; what was installed before still works/m,
  );
});
