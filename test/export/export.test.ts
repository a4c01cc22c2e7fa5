// tcs export: the same each time, never over another's work, and plain about what is wrong.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runTcs } from "../support/binary.ts";
import { exportFolder } from "../support/exported.ts";

test.each(["docker", "compose", "k8s"])("%s twice gives the same, and changes nothing", async (what) => {
  using fleet = await exportFolder();
  const first = await fleet.run(what);
  expect(await fleet.run(what)).toEqual(first);
  expect((await fleet.run(what, "--out", "out")).stdout).toMatch(/^created {4}out\//);
  const again = await fleet.run(what, "--out", "out");
  expect(again.stdout).toMatch(/^(?:unchanged {2}out\/\S+\n)+$/);
});

test("an older export is updated, a file that a hand has changed is not, unless forced", async () => {
  using fleet = await exportFolder();
  await fleet.run("compose", "--out", ".");
  expect((await fleet.run("compose", "--per", "group", "--out", ".")).stdout).toBe("updated    compose.yaml\n");
  const file = join(fleet.folder.path, "compose.yaml");
  const changed = `${await Bun.file(file).text()}# mine\n`;
  await Bun.write(file, changed);
  const refused = await fleet.run("compose", "--out", ".");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("compose.yaml: not as an export has written it");
  expect(await Bun.file(file).text()).toBe(changed);
  expect((await fleet.run("compose", "--out", ".", "--force")).stdout).toBe("updated    compose.yaml\n");
});

test("of several files none is written when one may not be", async () => {
  using fleet = await exportFolder({ ".dockerignore": "mine\n" });
  expect((await fleet.run("docker", "--out", ".")).code).toBe(1);
  expect(await Bun.file(join(fleet.folder.path, "Dockerfile")).exists()).toBe(false);
});

test("--dry-run says what would be, and writes nothing", async () => {
  using fleet = await exportFolder();
  const dry = await fleet.run("docker", "--out", "out", "--dry-run");
  expect(dry.stdout).toBe("created    out/Dockerfile\ncreated    out/Dockerfile.dockerignore\n");
  expect(await Bun.file(join(fleet.folder.path, "out/Dockerfile")).exists()).toBe(false);
  const without = await fleet.run("docker", "--dry-run");
  expect(without).toMatchObject({ stdout: "", stderr: "tcs: would write Dockerfile, .dockerignore with --out\n" });
});

test("the image leaves out secrets, has a user of its own, and asks nobody but its own event loop", async () => {
  using fleet = await exportFolder();
  const { stdout } = await fleet.run("docker", "--base", "debian:trixie-slim");
  expect(stdout).toMatch(/^FROM debian:trixie-slim$/m);
  expect(stdout).toMatch(/^USER 10001:10001$/m);
  expect(stdout).toMatch(/^VOLUME \/var\/lib\/tcs$/m);
  expect(stdout).toMatch(/^HEALTHCHECK .* CMD \["tcs","health","--local"\]$/m);
  await fleet.run("docker", "--out", ".");
  expect((await Bun.file(join(fleet.folder.path, ".dockerignore")).text()).split("\n")).toContain(".env");
});

test.each([
  ["api_key: plain-text", "services.yaml:8:14: guider.main.api_key: a secret in the file"],
  [`api_key: \${API_KEY}\n    url: http://x\n    pin_code: 1234`, "guider.main.pin_code: a secret in the file"],
])("a secret that stands in the file (%p) is refused with its place, and not shown", async (line, message) => {
  using fleet = await exportFolder();
  const file = join(fleet.folder.path, "services.yaml");
  await Bun.write(
    file,
    (await Bun.file(file).text()).replace(`api_key: \${API_KEY}\n    url: http://\${TELESCOPE}/api`, line),
  );
  const { code, stderr, stdout } = await fleet.run("compose");
  expect([code, stdout]).toEqual([5, ""]);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/plain-text|1234/);
});

test("variables that are not set here are no fault, but where they stand for something else", async () => {
  using fleet = await exportFolder({ "services.yaml": `services:\n  - {type: hello_world, log_level: '\${LEVEL}'}\n` });
  const { code, stderr } = await fleet.run("compose");
  expect(code).toBe(5);
  expect(stderr).toContain(`\${LEVEL}, which is not set`);
});

test.each([
  [["comspose"], 'given "comspose", expected one of docker, compose, k8s'],
  [["docker", "--per", "group"], "--per is for compose and k8s"],
  [["docker", "--job", "hello_world.main"], "--job is for compose and k8s"],
  [["compose", "--storage", "1Gi"], "--storage is for k8s"],
  [["k8s", "--storage", "much"], 'given "much", expected a size as 1Gi'],
  [["k8s", "--per", "host"], 'given "host", expected one of service, group, fleet'],
  [["compose", "--name", "My Fleet"], 'given "My Fleet", expected lower-case letters'],
  [["compose", "--job", "nobody.main"], 'given "nobody.main", expected the id of a service'],
])("%p is refused with code 2", async (args, message) => {
  using fleet = await exportFolder();
  const { code, stderr, stdout } = await fleet.run(...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
});

test.each([
  ["DB_PASSWORD", []],
  ["WEATHER", ["--secret", "WEATHER"]],
])(
  "a secret in the environment of a foreign program (%s) is refused, and a variable there is secret",
  async (name, more) => {
    const services = (value: string) =>
      `services:\n  - {type: proxy, command: [/bin/true], env: {HOST: lan, ${name}: ${value}}}\n`;
    using fleet = await exportFolder({ "services.yaml": services("hunter2") });
    // The image has the whole configuration in it.
    for (const what of ["docker", "compose", "k8s"]) {
      const { code, stderr, stdout } = await fleet.run(what, ...more);
      expect([what, code, stdout]).toEqual([what, 5, ""]);
      expect(stderr).toContain(`proxy.main.${name}: a secret in the file`);
      expect(stderr).not.toContain("hunter2");
    }
    await fleet.folder.write("services.yaml", services(`"\${FROM_CLUSTER}"`));
    expect((await fleet.run("compose", ...more)).stdout).toContain(`file: "./secrets/FROM_CLUSTER"`);
  },
);

test("what is set on the machine makes no difference", async () => {
  using fleet = await exportFolder({
    "services.yaml": `nats: {host: "\${BROKER:-localhost}"}\nservices:\n  - {type: hello_world, message: "\${GREETING}"}\n`,
  });
  const bare = await fleet.run("compose");
  expect(bare.stdout).toContain("image: nats:");
  const env = { BROKER: "nats.lan", GREETING: "hi", NATS_HOST: "elsewhere" };
  const { stdout } = await runTcs(["export", "compose"], { cwd: fleet.folder.path, env });
  expect(stdout).toBe(bare.stdout);
});

test("what is a unit of systemd elsewhere is a process in a container", async () => {
  const services = "services: [{type: hello_world, launcher: systemd}, examples.minimal]\n";
  using fleet = await exportFolder({ "services.yaml": services });
  const sets = '"--set","hello_world.main.launcher=process"]';
  expect((await fleet.run("docker")).stdout).toContain(`CMD ["run","--config","/app/services.yaml",${sets}\n`);
  const { stdout } = await fleet.run("compose", "--per", "service");
  expect(stdout.match(/--set/g)?.length).toBe(1);
});

test("several files are refused, and a folder of them: one is exported", async () => {
  using fleet = await exportFolder({ "services.yaml": "services: [hello_world]\n" });
  const two = await runTcs(["export", "docker", "-c", "services.yaml", "-c", "other.yaml"], { cwd: fleet.folder.path });
  expect(two).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("given twice"),
  });
  const folder = await runTcs(["export", "docker", "-c", "."], { cwd: fleet.folder.path });
  expect(folder.code).toBe(5);
  expect(folder.stderr).toContain("given a folder, expected a configuration file");
});

test.each(["docker", "compose", "k8s"])(
  "a file that includes others is refused for %s, with its place",
  async (what) => {
    using fleet = await exportFolder({
      "services.yaml": "services: [hello_world]\ninclude: more.yaml\n",
      "more.yaml": "services: [{type: examples.minimal, greeting: $" + "{GREETING}}]\n",
    });
    const { code, stdout, stderr } = await fleet.run(what);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("services.yaml:2:10: include: given other files, expected a configuration of one file");
  },
);
