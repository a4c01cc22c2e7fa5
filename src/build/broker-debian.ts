// nats-server from Debian's archive: downloaded and unpacked, not installed; works without root.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";
import type { Arch } from "./targets.ts";

const DEBIAN_ARCH = { x64: "amd64", arm64: "arm64" } as const satisfies Record<Arch, string>;

/**
 * Unpacks Debian's nats-server for `arch` into `folder`. Package lists and downloads are private to `folder`,
 * so neither a recent `apt-get update` nor the right to make one is needed, and another architecture can be asked for.
 * Signatures are checked as for any package.
 * @returns the package's version
 */
export async function unpackDebianPackage(arch: Arch, folder: string): Promise<string> {
  if (!Bun.which("apt-get") || !Bun.which("dpkg-deb")) throw new Error("this system has no apt-get");
  const apt = join(folder, "apt");
  for (const part of ["lists/partial", "cache/archives/partial", "download"]) {
    mkdirSync(join(apt, part), { recursive: true });
  }
  const settings = {
    "APT::Architecture": DEBIAN_ARCH[arch],
    "APT::Architectures::": DEBIAN_ARCH[arch],
    // As root, apt would download as user _apt, who may not write here.
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
    "Dir::State::Lists": join(apt, "lists"),
    "Dir::Cache": join(apt, "cache"),
    "Dir::State::status": "/dev/null",
  };
  const aptGet = ["apt-get", "-q", ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
  await run([...aptGet, "update"]);
  const download = join(apt, "download");
  await run([...aptGet, "download", `nats-server:${DEBIAN_ARCH[arch]}`], { cwd: download });
  const [packageFile] = await readdir(download);
  if (!packageFile) throw new Error("apt-get downloaded nothing");
  const unpacked = join(apt, "unpacked");
  await run(["dpkg-deb", "-x", join(download, packageFile), unpacked]);
  copyFileSync(join(unpacked, "usr/sbin/nats-server"), join(folder, "nats-server"));
  copyFileSync(join(unpacked, "usr/share/doc/nats-server/copyright"), join(folder, "copyright"));
  const fields = (...names: string[]) => run(["dpkg-deb", "-f", join(download, packageFile), ...names]);
  writeFileSync(join(folder, "built-using"), await fields("Built-Using", "Static-Built-Using"));
  return (await fields("Version")).trim();
}
