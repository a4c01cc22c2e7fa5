// The configurations of the documents this project began with run as they are, with services in TypeScript.
import { describe, expect, test } from "bun:test";
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const FOLDER = join(import.meta.dir, "fixtures/seeds");

/** As the documents' own services were written before decorators: found by their exports. */
const BY_EXPORTS = `import { BaseBlockingPermanentService, BaseServiceConfig } from "ocabox-tcs";
import { z } from "zod";
export const config_class = BaseServiceConfig.extend({ dish: z.string().default("jk15") });
export class TelescopeControlService extends BaseBlockingPermanentService<typeof config_class> {
  override async runService() {
    this.logger.info(\`\${this.config.instance_context} turns \${this.config.dish}\`);
    while (this.isRunning) await this.sleep(1000);
  }
}
export class Helper extends TelescopeControlService {}
export const service_class = TelescopeControlService;
`;

interface Example {
  /** The services beside it, in TypeScript; others are in the binary. */
  files: Record<string, string>;
  /** Its services and their homes, as views call them. */
  ids: string[];
}

const EXAMPLES: Record<string, Example> = {
  "architecture-launchers.yaml": { files: {}, ids: ["hello_world.dev"] },
  "development-guide-external.yaml": {
    files: {
      "my_project/telescope_control.ts": BY_EXPORTS,
      "external_package/importers/data_importer.ts": serviceFile(
        'async execute() { this.logger.info("imported"); }',
        "BaseSingleShotService",
      ),
    },
    ids: ["hello_world.main", "telescope_control.jk15", "data_importer.main"],
  },
  "readme-first-service.yaml": { files: { "my_service.ts": serviceFile(LOOP) }, ids: ["my_service.main"] },
  "readme-structure.yaml": { files: {}, ids: ["hello_world.main", "hello_world.fast"] },
};

async function lay(name: string): Promise<TempFolder> {
  const folder = tempFolder();
  copyFileSync(join(FOLDER, name), join(folder.path, "services.yaml"));
  for (const [path, text] of Object.entries(EXAMPLES[name]?.files ?? {})) await folder.write(path, text);
  return folder;
}

test("each example is known here", () => {
  expect(Object.keys(EXAMPLES)).toEqual(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith(".yaml"))
      .sort(),
  );
});

describe.each(Object.keys(EXAMPLES))("%s", (name) => {
  const ids = EXAMPLES[name]?.ids ?? [];

  test("is well, its services' fields too", async () => {
    using folder = await lay(name);
    const services = ids.length === 1 ? "1 service" : `${ids.length} services`;
    expect(await runTcs(["run", "--check"], { cwd: folder.path })).toMatchObject({
      code: 0,
      stderr: "",
      stdout: `services.yaml: ${services}, all well\n`,
    });
  });

  test("without the services of its own it says for each which file it wants", async () => {
    using folder = await lay(name);
    const files = Object.keys(EXAMPLES[name]?.files ?? {});
    for (const file of files) await Bun.file(join(folder.path, file)).delete();
    const { code, stderr } = await runTcs(["run", "--check"], { cwd: folder.path });
    expect(code).toBe(files.length > 0 ? 5 : 0);
    expect(stderr.split("\n").filter(Boolean)).toHaveLength(files.length);
    for (const file of files) expect(stderr).toContain(file.split("/").at(-1)?.replace(".ts", "") ?? file);
  });

  test("runs", async () => {
    using folder = await lay(name);
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    // The broker of the document is in another observatory.
    await using tcs = spawnTcs(["run", "--host", "127.0.0.1", "--port", String(broker.port)], { cwd: folder.path });
    for (const id of ids) await wire.waitForEvent("ready", id);
    const declared = wire.records.filter(({ subject }) => subject.startsWith("svc.registry.declared."));
    expect(declared.map(({ data }) => data.service_id)).toEqual(ids);
    if (name === "architecture-launchers.yaml") {
      const { data } = await wire.waitForEvent("start", "hello_world.dev");
      expect(data.runner_id).toBe("dev_launcher.hello_world_runner");
      expect(data.pid).not.toBe(tcs.pid);
    } else if (name === "readme-structure.yaml") {
      await tcs.waitForLine(/hello_world\.main +Hello World!/);
      await tcs.waitForLine(/hello_world\.fast +Fast hello!/);
    } else if (name === "development-guide-external.yaml") {
      await tcs.waitForLine(/telescope_control\.jk15 +jk15 turns jk15/);
      expect((await wire.waitForEvent("stop", "data_importer.main")).data.reason).toBe("completed");
    }
    tcs.signal("SIGTERM");
    expect(await within("the end of tcs", tcs.exited)).toBe(143);
  });
});

test("python service.py CONFIG VARIANT of the documents is tcs service FILE CONFIG VARIANT", async () => {
  using folder = await lay("development-guide-external.yaml");
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  const file = "my_project/telescope_control.ts";
  await using tcs = spawnTcs(["service", file, "services.yaml", "jk15", "--port", String(broker.port)], {
    cwd: folder.path,
  });
  await tcs.waitForLine(/telescope_control\.jk15 +jk15 turns jk15/);
  await wire.waitForStatus("telescope_control.jk15", "ok");
  tcs.signal("SIGINT");
  expect(await within("the end of tcs", tcs.exited)).toBe(130);
  await wire.flush();
  expect(wire.records.filter(({ subject }) => subject.startsWith("svc.registry."))).toEqual([]);
});
