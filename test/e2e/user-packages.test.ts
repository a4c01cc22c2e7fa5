// A service's own relative files, its own npm packages and its own copy of zod, found beside it in every home.
import { expect, test } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { tempFolder } from "../support/temp.ts";

const FILES = {
  "node_modules/starlib/package.json": `{"name": "starlib", "version": "2.1.0", "exports": {".": {"import": "./main.mjs"}}}`,
  "node_modules/starlib/main.mjs": `import { deep } from "starlib-core"; export const star = "Vega " + deep;`,
  "node_modules/starlib-core/package.json": `{"name": "starlib-core", "version": "1.0.0", "main": "index.js"}`,
  "node_modules/starlib-core/index.js": "exports.deep = require('./package.json').version;",
  "lib/optics.ts": `import data from "./filters.json"; export const filters: string[] = data.filters;`,
  "lib/filters.json": `{"filters": ["U", "B", "V"]}`,
  "tsconfig.json": `{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}, "experimentalDecorators": false}}`,
  "camera.ts": `
import { readFileSync } from "node:fs";
import { BaseBlockingPermanentService, BaseServiceConfig, service, Status } from "ocabox-tcs";
import { star } from "starlib";
import { z } from "zod";
import { filters } from "./lib/optics.ts";
import { filters as byPath } from "@lib/optics";
const Config = BaseServiceConfig.extend({ gain: z.number().positive().default(1) });
enum Gain { Low = 1 }
@service({ config: Config })
export class Camera extends BaseBlockingPermanentService<typeof Config> {
  async runService() {
    const late = await import("./lib/late.ts");
    const here = readFileSync(new URL("lib/filters.json", import.meta.url), "utf8").length > 0;
    this.monitor.setStatus(Status.OK, [star, filters.join(""), byPath.length, late.late, Gain.Low, here, this.config.gain].join(" "));
    while (this.isRunning) await this.sleep(1000);
  }
}
`,
  "lib/late.ts": `export const late = "late";`,
};

for (const home of OWN_HOMES) {
  test(`in ${home}, a service imports its own files and packages, and paths of its tsconfig`, async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: camera, gain: 4}\n",
      files: FILES,
      args: ["--launcher", home],
    });
    const said = await fleet.wire.waitFor(
      "the camera's status",
      ({ subject, data }) => subject === "svc.status.camera.main" && String(data.message).includes("Vega"),
    );
    expect(said.data.message).toBe("Vega 1.0.0 UBV 3 late 1 true 4");
  });

  test(`in ${home}, a service may bring its own zod; its schema is obeyed, its neighbour has the one of the binary`, async () => {
    await using broker = await startNats();
    using folder = tempFolder();
    for (const [name, text] of Object.entries(FILES)) await folder.write(`own/${name}`, text);
    cpSync(join(import.meta.dir, "../../node_modules/zod"), join(folder.path, "own/node_modules/zod"), {
      recursive: true,
    });
    const yaml = (gain: string) =>
      `nats: {port: ${broker.port}}\nservices:\n  - {type: camera, module: ./own/camera.ts, gain: ${gain}}\n  - hello_world\n`;
    await folder.write("services.yaml", yaml("3"));
    await folder.write("broken.yaml", yaml("-3"));
    await using tcs = spawnTcs(["run", "--launcher", home], { cwd: folder.path });
    await tcs.waitForLine(/2 of 2 services running/);
    const broken = await runTcs(["run", "--launcher", home, "--check", "-c", "broken.yaml"], { cwd: folder.path });
    expect(broken.stderr).toContain("gain");
    expect(broken.code).toBe(5);
  });
}

test("in one loop, a package's own copy is found after another service got that package from the binary", async () => {
  const body = (what: string) => `
import { BaseBlockingPermanentService, service, Status } from "ocabox-tcs";
import { ${what} } from "nats";
@service
export class It extends BaseBlockingPermanentService {
  async runService() {
    this.monitor.setStatus(Status.OK, typeof ${what} + " " + String(${what}).slice(0, 6));
    while (this.isRunning) await this.sleep(1000);
  }
}
`;
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: plain, module: ./plain/plain.ts}\n  - {type: own, module: ./own/own.ts}\n  - {type: more, module: ./plain/more.ts}\n",
    files: {
      "plain/plain.ts": body("connect"),
      "plain/more.ts": body("connect"),
      "own/own.ts": body("marker"),
      "own/node_modules/nats/package.json": `{"name": "nats", "version": "9.9.9", "main": "index.mjs"}`,
      "own/node_modules/nats/index.mjs": `export const marker = "my own";`,
    },
    args: ["--launcher", "inline"],
  });
  const said = (id: string, text: string) =>
    fleet.wire.waitFor(`${text} of ${id}`, ({ subject, data }) => {
      return subject === `svc.status.${id}` && String(data.message).startsWith(text);
    });
  await said("own.main", "string my own");
  await said("plain.main", "function");
  await said("more.main", "function");
  expect(fleet.tcs.stderr).not.toContain("WARNING");
});
