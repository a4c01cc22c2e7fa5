// A project of somebody else that has installed the package: its programs use the client under Bun and under Node.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { startNats } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { FakeFleet } from "./fleet.ts";
import { openSpeaker } from "./following.ts";
import { publishFleet } from "./publish.ts";

const ROOT = join(import.meta.dir, "../..");
let project: TempFolder;

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [said, complained, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with code ${code}:\n${said}${complained}`);
  return said;
}

// What npm would install: the package as it is packed, and what it depends on.
beforeAll(async () => {
  project = tempFolder("tcs-external-");
  const modules = join(project.path, "node_modules");
  const installed = join(modules, "ocabox-tcs");
  mkdirSync(installed, { recursive: true });
  await run(["npm", "pack", "--silent", "--pack-destination", project.path], ROOT);
  const [tarball = ""] = readdirSync(project.path).filter((name) => name.endsWith(".tgz"));
  await run(["tar", "-xzf", tarball, "--strip-components=1", "-C", installed], project.path);
  for (const name of ["nats", "nkeys.js", "tweetnacl", "@types", "undici-types", "bun-types"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  cpSync(join(import.meta.dir, "fixtures/external"), project.path, { recursive: true });
  await project.write("package.json", '{ "type": "module" }');
  await run([join(ROOT, "node_modules/.bin/tsc"), "-p", project.path], project.path);
}, 60_000);
afterAll(() => project[Symbol.dispose]());

test.each([
  ["Bun", [process.execPath, "main.ts"]],
  ["Node", ["node", "out/main.js"]],
])("under %s a fleet is read and followed", async (_, command) => {
  await using broker = await startNats();
  await publishFleet(broker.url, new FakeFleet().healthy("a.a"));
  await using speaker = await openSpeaker(broker.url);
  const child = Bun.spawn([...command, broker.url], { cwd: project.path, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) said += decoder.decode(chunk);
  })();
  await waitFor("the first look", () => said.includes("known"));
  await speaker.status("a.a", "busy");
  await speaker.event("a.a", "stop", { status: "shutdown" });
  await within("the end", Promise.all([reading, child.exited]));
  expect(said.trim().split("\n")).toEqual(["listed a.a ok", "known a.a ok", "update a.a busy", "stop a.a shutdown"]);
});
