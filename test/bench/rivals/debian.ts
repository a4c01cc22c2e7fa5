// Debian packages that are not installed: unpacked in a folder, and seen as if installed by one process tree only.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { logOf, run, type Stage } from "./contestant.ts";

export interface Unpacked {
  /** Without the epoch of Debian. */
  version: string;
  /**
   * A command that is ready to begin: it sees the package in /usr, nobody else does.
   * @returns what begins it, and nothing else
   */
  ready(stage: Stage, argv: string[]): Promise<() => Bun.Subprocess>;
}

// The new /usr is in a mount namespace of its own. It waits there, so that none of this is in any figure.
const WAIT = `mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr && shift && echo ready && read -r _ && exec "$@" >&2`;

/** Downloads a package, and what it depends on that is not here. @throws Error when it cannot be had */
export function unpack(name: string, folder: string): Unpacked {
  if (process.getuid?.() !== 0) throw new Error("only root can show a package to one process alone");
  run(["apt-get", "download", name, ...missingFor(name)], { cwd: folder });
  const root = join(folder, "root");
  mkdirSync(root);
  const packages = readdirSync(folder).filter((file) => file.endsWith(".deb"));
  for (const file of packages) run(["dpkg", "-x", join(folder, file), root]);
  const own = packages.find((file) => file.startsWith(`${name}_`)) ?? "";
  return {
    version: run(["dpkg-deb", "-f", join(folder, own), "Version"]).replace(/^\d+:/, ""),
    async ready(stage, argv) {
      const log = logOf(stage);
      const unshared = ["unshare", "--mount", "--propagation", "private", "sh", "-c", WAIT, "wait", root, ...argv];
      // With the launcher of a bench that is killed, its supervisors go.
      const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...unshared], {
        cwd: stage.folder,
        stdio: ["pipe", "pipe", log.fd],
      });
      log.close();
      const { value } = await child.stdout.getReader().read();
      if (value === undefined) throw new Error(`${argv[0]} could not be made ready; see ${stage.folder}`);
      return () => {
        child.stdin.write("go\n");
        child.stdin.end();
        return child;
      };
    },
  };
}

function missingFor(name: string): string[] {
  const named = run(["apt-cache", "depends", "--important", name]).matchAll(/^ +(?:Pre)?Depends: ([\w.+-]+)$/gm);
  const installed = (other: string) => Bun.spawnSync(["dpkg-query", "-W", other], { stderr: "ignore" }).exitCode === 0;
  return [...named].flatMap(([, other = ""]) => (installed(other) ? [] : [other]));
}
