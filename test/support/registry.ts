// A package registry on this machine, for `npm install` without a network: it has what node_modules of the project has.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const MODULES = join(import.meta.dir, "../../node_modules");

export interface TestRegistry extends Disposable {
  readonly url: string;
}

/** Serves the packages in node_modules, each in the version that is there. */
export function startRegistry(): TestRegistry {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request): Promise<Response> {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      const [, tarball] = /^tarballs\/(.+)\.tgz$/.exec(path) ?? [];
      if (tarball !== undefined) return new Response(await packed(join(MODULES, tarball)));
      const file = join(MODULES, path, "package.json");
      if (!existsSync(file)) return new Response("no such package", { status: 404 });
      const about = JSON.parse(readFileSync(file, "utf8"));
      const dist = { tarball: new URL(`/tarballs/${path}.tgz`, request.url).href };
      // Made when it was installed: an install of it runs nothing.
      const { scripts: _, ...rest } = about;
      return Response.json({
        name: about.name,
        "dist-tags": { latest: about.version },
        versions: { [about.version]: { ...rest, dist } },
      });
    },
  });
  return { url: server.url.href, [Symbol.dispose]: () => void server.stop(true) };
}

async function packed(folder: string): Promise<ArrayBuffer> {
  const tar = Bun.spawn(["tar", "-cz", "--transform", "s,^\\.,package,", "-C", folder, "."], { stdout: "pipe" });
  return await new Response(tar.stdout).arrayBuffer();
}
