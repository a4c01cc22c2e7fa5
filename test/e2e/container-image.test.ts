// The image that tcs export docker describes: built and run for real, where an engine is installed.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runTcs, tcsBinary } from "../support/binary.ts";
import { canContain } from "../support/container.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

/** What the Dockerfile and the services need of a base: everything else of the host stays out. */
const PROGRAMS = ["sh", "install", "useradd", "sleep", "cat", "id", "grep", "ls", "kill"];
/**
 * In a mount namespace: an engine here would find the two kinds of cgroups at once, which it refuses. Only ours is changed.
 */
const ALONE = `mount --make-rprivate /; umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"`;
const RUN = [
  "--network=none",
  "--cgroups=disabled",
  "--no-healthcheck",
  "--ulimit=nofile=1024:4096",
  "--ulimit=nproc=4096:4096",
];
const HARDENED = ["--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"];

const canBuild = canContain && Bun.which("podman") !== null && Bun.which("crun") !== null;
if (!canBuild) console.error("\nNO IMAGE HERE: podman and crun are not installed, so the image itself IS NOT TESTED\n");

let storage: TempFolder;
let folder: TempFolder;

function podman(...args: string[]): { code: number; stdout: string; stderr: string } {
  const own = ["--root", join(storage.path, "root"), "--runroot", join(storage.path, "run"), "--runtime=crun"];
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    [
      "--mount",
      "--cgroup",
      "sh",
      "-c",
      ALONE,
      "podman",
      "podman",
      ...own,
      "--events-backend=file",
      "--cgroup-manager=cgroupfs",
      ...args,
    ],
    { encoding: "utf8" },
  );
  return { code: status ?? -1, stdout, stderr };
}

/** An image of the programs above and their libraries, in the place of the real base: nothing is fetched here. */
async function importBase(): Promise<void> {
  using root = tempFolder();
  const programs = PROGRAMS.map((name) => Bun.which(name, { PATH: "/usr/sbin:/usr/bin" }) ?? "");
  const files = [...programs, tcsBinary()].flatMap((path) => {
    const libraries = spawnSync("ldd", [path], { encoding: "utf8" }).stdout.matchAll(/(\/\S+) \(0x/g);
    return [...(path === tcsBinary() ? [] : [path]), ...[...libraries].map(([, library = ""]) => library)];
  });
  await root.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  await root.write("etc/group", "root:x:0:\n");
  await root.write("tmp/.keep", "");
  for (const name of ["bin", "lib", "lib64", "sbin"]) spawnSync("ln", ["-s", `usr/${name}`, join(root.path, name)]);
  for (const file of new Set(files)) {
    const inside = file.startsWith("/usr/") ? file : `/usr${file}`;
    spawnSync("install", ["-D", file, join(root.path, inside)]);
  }
  const archive = join(storage.path, "base.tar");
  spawnSync("tar", ["-C", root.path, "-cf", archive, "."]);
  expect(podman("import", archive, "docker.io/library/debian:bookworm-slim")).toMatchObject({ code: 0 });
}

describe.skipIf(!canBuild)("the image", () => {
  beforeAll(async () => {
    storage = tempFolder("tcs-podman-");
    folder = tempFolder();
    await importBase();
    await folder.write(".env", "API_TOKEN=must-not-be-in-the-image\n");
    await folder.write("services.yaml", "services:\n  - {type: a, restart: always}\n");
    await folder.write("a.ts", serviceFile(`${LOOP}\nasync onStop() { this.logger.info("cleaned up"); }`));
    expect(await runTcs(["export", "docker", "--out", "."], { cwd: folder.path })).toMatchObject({ code: 0 });
    const context = `tcs=${join(tcsBinary(), "..")}`;
    const build = ["build", "--format=docker", "--pull=never", "--isolation=chroot", "--build-context", context];
    const built = podman(...build, "-t", "tcs:latest", folder.path);
    expect([built.code, built.code === 0 ? "" : built.stderr]).toEqual([0, ""]);
  }, 120_000);

  afterAll(() => {
    podman("rm", "--all", "--force", "--time", "1");
    podman("rmi", "--all", "--force");
    folder[Symbol.dispose]();
    storage[Symbol.dispose]();
  }, 60_000);

  test("says how it is run, and how it is probed", () => {
    const [about] = JSON.parse(podman("inspect", "tcs:latest").stdout);
    expect(about.Config).toMatchObject({
      User: "10001:10001",
      Entrypoint: ["tcs"],
      Cmd: ["run", "--config", "/app/services.yaml"],
      Volumes: { "/var/lib/tcs": {} },
      StopSignal: "SIGTERM",
    });
    expect(JSON.stringify(about)).toContain('"tcs","health","--local"');
  });

  test("runs without rights and with a read-only root, answers its probes, and ends in good order", async () => {
    const started = podman("run", "--detach", "--name=fleet", ...RUN, ...HARDENED, "tcs:latest");
    expect([started.code, started.code === 0 ? "" : started.stderr]).toEqual([0, ""]);
    await waitFor(
      "the fleet to be well",
      () => podman("exec", "fleet", "tcs", "health", "--local", "--ready").code === 0,
    );
    expect(podman("exec", "fleet", "id", "-u").stdout).toBe("10001\n");
    expect(podman("exec", "fleet", "ls", "-A", "/app").stdout).toBe("a.ts\nservices.yaml\n");
    podman("stop", "--time", "20", "fleet");
    const { stdout } = podman("inspect", "--format", "{{.State.ExitCode}}", "fleet");
    expect(stdout).toBe("143\n");
    const logs = podman("logs", "fleet");
    expect(logs.stdout + logs.stderr).toMatch(/SIGTERM: stopping[\s\S]*a.main +cleaned up[\s\S]*stopped/);
  }, 60_000);
});
