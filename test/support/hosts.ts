// Another host, as far as programs can tell: processes and a host name of its own, on the same loopback.
import { spawnSync } from "node:child_process";

/** What begins a command that is to run on a host of that name; its end takes everything on that host with it. */
export function onHost(name: string): string[] {
  return [
    "unshare",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--uts",
    "sh",
    "-c",
    `hostname ${name}; exec "$@"`,
    name,
  ];
}

/** Whether this user may make hosts (it takes root). */
export const canMakeHosts = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "--uts", "true"]).status === 0;
