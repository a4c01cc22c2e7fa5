// One service run by hand.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { NotFoundError } from "../../src/common/errors.ts";
import { loadServiceRow, type ServiceRowOptions } from "../../src/config/load-service-row.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf } from "./support.ts";

const CONFIG = `nats: {host: broker}
services:
  - type: monitor
    variant: north
    interval: 1
    restart: always
  - type: monitor
    variant: south
    interval: 2
  - type: nobody_knows_this
  - type: dome_control
    module: ./dome.ts
    interval: 3
  - hello_world
`;

async function fleetFolder(): Promise<TempFolder> {
  const folder = tempFolder();
  await folder.write("services.yaml", CONFIG);
  await folder.write("services/monitor.ts", "export class Monitor {}\n");
  await folder.write("dome.ts", "export class Dome {}\n");
  return folder;
}

function run(folder: TempFolder, options: Partial<ServiceRowOptions> & { service: string }) {
  return loadServiceRow({
    env: {},
    builtinTypes: BUILTINS,
    ...options,
    service: options.service.replace("~", folder.path),
  });
}

describe("without a configuration file", () => {
  test("a file is run with its defaults, in this process", async () => {
    using folder = await fleetFolder();
    const fleet = await run(folder, { service: "~/services/monitor.ts", sets: ["interval=9"] });
    expect(fleet).toEqual({
      subjectPrefix: "svc",
      launcher: { home: "inline", terminateDelayMs: 10_000 },
      services: [
        {
          id: "monitor.main",
          type: "monitor",
          variant: "main",
          module: { kind: "file", path: join(folder.path, "services/monitor.ts") },
          home: "inline",
          restart: { policy: "no", delayMs: 5000, max: 0, windowMs: 60_000, backoff: 1, maxDelayMs: 300_000 },
          after: [],
          standby: false,
          logLevel: "info",
          fields: {},
          overrides: { interval: "9" },
        },
      ],
    });
  });

  test("a type of the binary is run, under the variant named", async () => {
    using folder = await fleetFolder();
    const options = { service: "inside", builtinTypes: new Set(["inside"]), env: { NATS_URL: "nats://e:1" } };
    const fleet = await run(folder, { ...options, variant: "dev" });
    expect(fleet.services[0]).toMatchObject({ id: "inside.dev", module: { kind: "builtin", type: "inside" } });
    expect(fleet.nats?.servers).toEqual(["nats://e:1"]);
  });

  test("the .env file beside the service counts", async () => {
    using folder = await fleetFolder();
    await folder.write(".env", "NATS_HOST=from-dotenv\n");
    expect((await run(folder, { service: "~/dome.ts" })).nats?.servers).toEqual(["nats://from-dotenv:4222"]);
  });

  test.each([
    ["~/gone.ts", {}, /gone\.ts: no such file$/],
    ["hello_wrld", {}, /given "hello_wrld".*did you mean "hello_world"/],
    ["hello_world", { variant: "a.b" }, /given "hello_world\.a\.b", expected a legal service name/],
    ["hello_world", { sets: ["nonsense"] }, /--set nonsense: given "nonsense"/],
  ])("%s %j is refused", async (service, options, line) => {
    using folder = await fleetFolder();
    const [first] = await linesOf(run(folder, { service, ...options }));
    expect(first).toMatch(line);
  });
});

test("a file that is not there is told once, whatever else might be said of it", async () => {
  using folder = await fleetFolder();
  expect(await linesOf(run(folder, { service: "~/gone.ts", sets: ["nonsense"] }))).toHaveLength(1);
});

describe("with a configuration file", () => {
  const withFile = (folder: TempFolder, options: Partial<ServiceRowOptions> & { service: string }) =>
    run(folder, { configFile: join(folder.path, "services.yaml"), ...options });

  test("its row is taken, whatever is wrong with others", async () => {
    using folder = await fleetFolder();
    const fleet = await withFile(folder, { service: "~/services/monitor.ts", variant: "south", sets: ["interval=4"] });
    expect(fleet.services).toHaveLength(1);
    expect(fleet.services[0]).toMatchObject({
      id: "monitor.south",
      fields: { interval: 2 },
      overrides: { interval: "4" },
      home: "inline",
      position: { line: 7, column: 5 },
    });
    expect(fleet.nats?.servers).toEqual(["nats://broker:4222"]);
    expect(fleet.file).toBe(join(folder.path, "services.yaml"));
  });

  test("the row that names the file is taken, whatever its type; the only row needs no variant", async () => {
    using folder = await fleetFolder();
    const fleet = await withFile(folder, { service: "~/dome.ts" });
    expect(fleet.services[0]).toMatchObject({ id: "dome_control.main", fields: { interval: 3 } });
  });

  test("a type may be named instead of a file", async () => {
    using folder = await fleetFolder();
    const fleet = await withFile(folder, { service: "monitor", variant: "north" });
    expect(fleet.services[0]).toMatchObject({ id: "monitor.north", restart: { policy: "always" } });
  });

  test.each([
    [{ variant: "west" }, "services.yaml has no variant west of monitor: there is north, south"],
    [{}, "services.yaml has several variants of monitor: north, south"],
    [{ service: "telescope" }, "services.yaml has no service of type telescope"],
  ])("%j that has no row is told with what there is", async (options, message) => {
    using folder = await fleetFolder();
    const error = await withFile(folder, { service: "~/services/monitor.ts", ...options }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toHaveProperty("message", message);
  });

  test("faults of its own row are told", async () => {
    using folder = await fleetFolder();
    await folder.write("services.yaml", "services:\n  - type: monitor\n    restart: x\n");
    const lines = await linesOf(withFile(folder, { service: "~/services/monitor.ts" }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(":3:14: services[0].restart:");
  });
});
