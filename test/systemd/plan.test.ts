import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FleetSource } from "../../src/config/index.ts";
import { type PlanOptions, planUnits } from "../../src/systemd/units/index.ts";
import { tempFolder } from "../support/temp.ts";

/** The plan for a configuration with these rows. */
async function planFor(rows: string, choices: Partial<PlanOptions> = {}) {
  using folder = tempFolder();
  const file = await folder.write("services.yaml", `services:\n${rows}`);
  const builtinTypes = new Set(["hello_world", "examples.minimal"]);
  const { fleet } = await new FleetSource({ file, env: {}, builtinTypes }).read();
  const path = choices.file ?? "/etc/tcs/services.yaml";
  const options: PlanOptions = {
    fleet: { ...fleet, file: path, files: [path], folders: [] },
    file: path,
    mode: "system",
    each: false,
    program: ["/usr/local/bin/tcs"],
    runAs: "tcs",
    properties: [],
    unitFolder: "/units",
    ...choices,
  };
  const plan = planUnits(options);
  return { ...plan, text: (name: string) => plan.files.find(({ path }) => path.endsWith(name))?.text ?? "" };
}

const HELLO = "  - type: hello_world\n";

test("a fleet is a template, a drop-in of its own, and an account", async () => {
  const { files, units } = await planFor(HELLO);
  const unit = "tcs-launcher@etc-tcs-services.yaml.service";
  expect(units).toEqual([unit]);
  expect(files.map(({ path }) => path)).toEqual([
    "/etc/sysusers.d/tcs.conf",
    "/units/tcs-launcher@.service",
    join("/units", `${unit}.d`, "50-tcs.conf"),
  ]);
});

test("another account is not made, and a user's own units need none", async () => {
  const paths = async (choices: Partial<PlanOptions>) => (await planFor(HELLO, choices)).files.map(({ path }) => path);
  expect(await paths({ runAs: "ann" })).not.toContain("/etc/sysusers.d/tcs.conf");
  expect(await paths({ mode: "user" })).not.toContain("/etc/sysusers.d/tcs.conf");
  const { text } = await planFor(HELLO, { runAs: "ann" });
  for (const line of ["User=ann", "StateDirectory=tcs-ann", "Environment=TCS_STATE_DIR=%S/tcs-ann"]) {
    expect(text("50-tcs.conf").split("\n")).toContain(line);
  }
  expect((await planFor(HELLO, { mode: "user" })).text("tcs-launcher@.service")).not.toContain("User=");
});

test("a template is the same whatever is chosen for an instance", async () => {
  const template = async (choices: Partial<PlanOptions>) => (await planFor(HELLO, choices)).text("@.service");
  const one = await template({});
  expect(await template({ runAs: "ann", program: ["/opt/tcs"], properties: ["Nice=1"], file: "/srv/a.yaml" })).toBe(
    one,
  );
});

test("a service of its own unit has its policies there", async () => {
  const { text, units } = await planFor(
    "  - {type: hello_world, restart: always, restart_sec: 2, restart_max: 3, restart_window: 30, watchdog_sec: 5, after: [examples.minimal.main]}\n  - type: examples.minimal\n",
    { each: true },
  );
  expect(units).toEqual(["tcs@hello_world.main.service", "tcs@examples.minimal.main.service"]);
  const lines = text("tcs@hello_world.main.service.d/50-tcs.conf").split("\n");
  for (const line of [
    "After=tcs@examples.minimal.main.service",
    "Wants=tcs@examples.minimal.main.service",
    "StartLimitIntervalSec=30s",
    "StartLimitBurst=4",
    "ExecStart=/usr/local/bin/tcs service hello_world /etc/tcs/services.yaml main",
    "Restart=always",
    "RestartSec=2s",
    "WatchdogSec=5s",
    "TimeoutStopSec=15s",
  ]) {
    expect(lines).toContain(line);
  }
});

test("the launcher's stop takes as long as the longest chain of its services", async () => {
  const chain = "  - {type: hello_world, after: [examples.minimal.main]}\n  - type: examples.minimal\n";
  expect((await planFor(chain)).text("50-tcs.conf")).toContain("\nTimeoutStopSec=25s\n");
  expect((await planFor(HELLO)).text("50-tcs.conf")).toContain("\nTimeoutStopSec=15s\n");
});

test("homes and /tmp are hidden, unless something of the fleet is there", async () => {
  const dropIn = async (choices: Partial<PlanOptions>) => (await planFor(HELLO, choices)).text("50-tcs.conf");
  expect(await dropIn({})).not.toMatch(/ProtectHome|PrivateTmp/);
  expect(await dropIn({ file: "/home/ann/services.yaml" })).toContain("\nProtectHome=read-only\n");
  expect(await dropIn({ program: ["/root/tcs"] })).toContain("\nProtectHome=read-only\n");
  expect(await dropIn({ file: "/tmp/services.yaml" })).toContain("\nPrivateTmp=no\n");
  expect(await dropIn({ file: "/homely/services.yaml" })).not.toContain("ProtectHome");
});

test("odd paths stand for themselves", async () => {
  const { text, units } = await planFor(HELLO, { file: "/srv/100% $x/a b.yaml", each: true });
  expect(units).toEqual(["tcs@hello_world.main.service"]);
  const lines = text("50-tcs.conf").split("\n");
  expect(lines).toContain('ExecStart=/usr/local/bin/tcs service hello_world "/srv/100%% $$x/a b.yaml" main');
  expect(lines).toContain("WorkingDirectory=/srv/100%% $x");
});

test("lines that are given come last, so that they are stronger", async () => {
  const { text } = await planFor(HELLO, { properties: ["MemoryMax=1G", "Environment=A=b"] });
  expect(text("50-tcs.conf")).toEndWith("\nMemoryMax=1G\nEnvironment=A=b\n");
});

test("a configuration whose path is too long for the name of a unit is refused", async () => {
  await expect(planFor(HELLO, { file: `/srv/${"x".repeat(300)}.yaml` })).rejects.toThrow(
    "too long for the name of a unit",
  );
});

describe("a launcher whose services are units", () => {
  const UNIT = "  - {type: hello_world, launcher: systemd}\n";

  test("must be root's in the system, and may write units then", async () => {
    await expect(planFor(UNIT)).rejects.toThrow(
      "hello_world.main is to be a unit (launcher: systemd): expected a launcher that runs as root, not as tcs",
    );
    const { text } = await planFor(UNIT, { runAs: "root" });
    expect(text("50-tcs.conf").split("\n")).toContain("ReadWritePaths=/run/systemd/system");
  });

  test("may be anybody's own", async () => {
    const { text } = await planFor(UNIT, { mode: "user" });
    expect(text("50-tcs.conf")).not.toContain("ReadWritePaths");
  });

  test("is not there with a unit for each", async () => {
    expect((await planFor(UNIT, { each: true })).units).toEqual(["tcs@hello_world.main.service"]);
  });
});
