// A fleet with something of everything, exported in a folder of its own.
import { parseAllDocuments } from "yaml";
import { runTcs, type TcsResult } from "./binary.ts";
import { type TempFolder, tempFolder } from "./temp.ts";

export const SECRET_VALUE = "do-not-write-this-anywhere";

const CONFIG = `nats: {user: tcs, password: "\${NATS_PASSWORD:-}"}
terminate_delay: 5
services:
  - {type: hello_world, group: sky, message: "\${GREETING:-hello}"}
  - {type: hello_world, variant: b, group: sky, after: [hello_world.main]}
  - type: guider
    after: [hello_world.main]
    api_key: \${API_KEY}
    url: http://\${TELESCOPE}/api
  - {type: hello_world, variant: nightly, schedule: {cron: "30 20 * * MON-FRI", timezone: America/Santiago}}
  - {type: hello_world, variant: often, schedule: every 30s}
  - {type: dome, command: [sleep, "1000"], env: {DOME_TOKEN: "\${DOME_TOKEN}", MODE: "no"}, after: [guider.main]}
`;
const GUIDER = `import { BaseSingleShotService, baseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
import { limit } from "./lib/limits.ts";
const Config = baseServiceConfig.extend({
  api_key: z.string().meta({ secret: true }),
  pin_code: z.string().meta({ secret: true }),
  url: z.string(),
});
@service({ config: Config })
export class Guider extends BaseSingleShotService<typeof Config> {
  async execute() { this.logger.info(String(limit)); }
}
`;

export interface ExportFolder extends Disposable {
  folder: TempFolder;
  /** \`tcs export\` in it. */
  run(...args: string[]): Promise<TcsResult>;
}

/** @param files over those of the example */
export async function exportFolder(files: Record<string, string> = {}): Promise<ExportFolder> {
  const folder = tempFolder();
  const all = { "services.yaml": CONFIG, "guider.ts": GUIDER, "lib/limits.ts": "export const limit = 7;\n", ...files };
  for (const [name, text] of Object.entries(all)) await folder.write(name, text);
  return {
    folder,
    run: (...args) => runTcs(["export", ...args], { cwd: folder.path, env: { API_KEY: SECRET_VALUE } }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Every document of a YAML text, as plain data. */
export function documentsOf(text: string): Record<string, unknown>[] {
  return [...parseAllDocuments(text)].map((document) => {
    if ("errors" in document && document.errors.length > 0) throw new Error(String(document.errors[0]));
    // Manifests are mappings; the tests look at them as such.
    return document.toJS() as Record<string, unknown>;
  });
}

/** The value at a path as \`spec.template.0.name\`. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    // Indexed by whatever the path says: a list by number, a mapping by name.
    return (inner as Record<string, unknown>)[key];
  }, value);
}
