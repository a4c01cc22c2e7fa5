// nats-server from the project's own releases: statically linked, so it runs on musl systems too.
import { createHash } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";
import type { Arch } from "./targets.ts";

const VERSION = "2.11.11";
const RELEASE = `https://github.com/nats-io/nats-server/releases/download/v${VERSION}`;
const GO_ARCH = { x64: "amd64", arm64: "arm64" } as const satisfies Record<Arch, string>;
const DOWNLOAD_LIMIT_MS = 60_000;

/** Unpacks the official nats-server for `arch` into `folder`. @returns its version */
export async function unpackRelease(arch: Arch, folder: string): Promise<string> {
  const name = `nats-server-v${VERSION}-linux-${GO_ARCH[arch]}`;
  const [sums, archive] = await Promise.all([download(`${RELEASE}/SHA256SUMS`), download(`${RELEASE}/${name}.tar.gz`)]);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  if (!sums.toString("utf8").includes(`${sha256}  ${name}.tar.gz`)) {
    throw new Error(`${name}.tar.gz does not have the checksum published beside it`);
  }
  const file = join(folder, "release.tar.gz");
  await Bun.write(file, archive);
  await run(["tar", "-xzf", file, "-C", folder]);
  copyFileSync(join(folder, name, "nats-server"), join(folder, "nats-server"));
  copyFileSync(join(folder, name, "LICENSE"), join(folder, "copyright"));
  return VERSION;
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
