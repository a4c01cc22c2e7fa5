// Makes `lib/`, part of the npm package only: what other programs import, as JavaScript for Node, and its types.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeError, TcsError } from "../common/errors.ts";
import { declarationsOf } from "../scaffold/assets.ts";

const ROOT = join(import.meta.dir, "../..");
const LIB = join(ROOT, "lib");
/** By their names in `exports` of package.json. */
const ENTRIES = {
  client: "src/client/index.ts",
  messenger: "src/messenger/index.ts",
  monitoring: "src/monitoring/index.ts",
};

/** Node has had it since version 22 only. */
const WITH_RESOLVERS = `const withResolvers = () => {
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
};`;

async function bundle(name: string, entry: string): Promise<void> {
  const { success, logs } = await Bun.build({
    entrypoints: [join(ROOT, entry)],
    outdir: LIB,
    target: "node",
    format: "esm",
    external: ["nats", "nats/*", "zod"],
    // One file: chunks would rename the classes they share, and with them the errors that users read.
    naming: { entry: `${name}.js` },
    define: { "Promise.withResolvers": "withResolvers" },
    banner: WITH_RESOLVERS,
    throw: false,
  });
  if (!success) throw new TcsError(`the library ${name} cannot be bundled:\n${logs.map(String).join("\n")}`);
}

try {
  rmSync(LIB, { recursive: true, force: true });
  for (const [name, entry] of Object.entries(ENTRIES)) await bundle(name, entry);
  for (const [name, text] of (await declarationsOf(Object.values(ENTRIES).map((entry) => `./${entry}`))).files) {
    const path = join(LIB, "types", name);
    mkdirSync(dirname(path), { recursive: true });
    await Bun.write(path, text);
  }
  cpSync(join(ROOT, "LICENSE"), join(LIB, "LICENSE"));
} catch (error) {
  process.stderr.write(`build: ${describeError(error)}\n`);
  process.exitCode = 1;
}
