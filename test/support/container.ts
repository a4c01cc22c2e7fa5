// A container without an engine: namespaces, a small root that cannot be written, a user without a name, no rights.
import { spawnSync } from "node:child_process";
import { childrenOf } from "./processes.ts";

/** As in the images that tcs describes. */
export const CONTAINER_UID = 10_001;
/** Where the folder of the test is, inside. */
export const APP = "/app";
const STATE = "/var/lib/tcs";

/**
 * Mounts, in namespaces of its own: the system's programs and libraries, read-only; the program; the test's folder; places
 * that can be written for state and scratch files. Then the root itself is closed, and all rights are given up.
 */
const SCRIPT = `
set -e
app=$1 uid=$2 proc=$3 program=$4
shift 4
mount --make-rprivate /
root=$(mktemp -d)
mount -t tmpfs -o mode=755 none "$root"
cd "$root"
mkdir -p usr proc dev tmp app var/lib/tcs etc
mount --bind /usr usr
mount -o remount,bind,ro usr
for name in bin lib lib64 sbin; do [ -e "/$name" ] && ln -s "usr/$name" "$name"; done
# The loader looks for libraries where this says.
[ ! -e /etc/ld.so.cache ] || cp /etc/ld.so.cache etc/
echo '127.0.0.1 localhost' >etc/hosts
touch tcs dev/null dev/urandom
mount --bind "$program" tcs
mount --bind /dev/null dev/null
mount --bind /dev/urandom dev/urandom
mount --bind "$app" app
[ "$proc" = none ] || mount -t proc -o "$proc" none proc
mount -t tmpfs -o "mode=700,uid=$uid,gid=$uid" none var/lib/tcs
mount -t tmpfs -o mode=1777 none tmp
mount -o remount,ro "$root"
hostname container
exec chroot "$root" setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs --bounding-set=-all \\
  env -C /app /tcs "$@"
`;

export interface ContainerOptions {
  /** Folder that is /app inside. */
  app: string;
  /** Options of /proc, or none. */
  proc?: string;
}

/** What begins a command that is to run in a container, as process 1: for `under` of `spawnTcs`. */
export function inContainer({ app, proc = "rw" }: ContainerOptions): string[] {
  const spaces = ["--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc"];
  return ["unshare", ...spaces, "sh", "-c", SCRIPT, "container", app, String(CONTAINER_UID), proc];
}

/** The environment in it: hardly any. */
export const CONTAINER_ENV: Record<string, string | undefined> = {
  HOME: undefined,
  PATH: "/usr/sbin:/usr/bin",
  TCS_STATE_DIR: STATE,
};

/** Runs a command inside, as its user. @param pid of the process that began it (unshare) */
export async function inside(
  pid: number,
  command: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [first] = childrenOf(pid);
  if (first === undefined) throw new Error("there is no container");
  const enter = ["nsenter", "--target", String(first), "--pid", "--mount", "--uts", "--root", "--wd"];
  const user = ["setpriv", "--reuid", String(CONTAINER_UID), "--regid", String(CONTAINER_UID), "--clear-groups"];
  const child = Bun.spawn([...enter, ...user, ...command], {
    env: { PATH: "/usr/sbin:/usr/bin", TCS_STATE_DIR: STATE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

/** Whether this user may make containers here (it takes root, and a kernel that lets it). */
export const canContain =
  spawnSync("unshare", ["--pid", "--fork", "--mount", "--uts", "--ipc", "sh", "-c", "mount -t tmpfs none /mnt"])
    .status === 0;
if (!canContain) {
  console.error(
    "\nNO CONTAINERS HERE: unshare is refused, so what tcs does as process 1 of a container IS NOT TESTED\n",
  );
}
