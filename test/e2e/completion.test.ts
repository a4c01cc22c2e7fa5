// Completion in real shells, with the compiled binary and a real fleet.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { FakeFleet, LAUNCHER } from "../client/fleet.ts";
import { addStreams, envelope, openConnection, publishFleet } from "../client/publish.ts";
import { runTcs } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { hasShell, openShell, SHELLS, type Shell, type ShellName } from "../support/shell.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

let broker: TestBroker;
let folder: TempFolder;

beforeAll(async () => {
  broker = await startNats();
  folder = tempFolder();
  const gone = { status: "shutdown", reason: "terminated" };
  const fleet = new FakeFleet().launcher().healthy("dome.north").healthy("dome.south").healthy("camera.main");
  // Whatever its sender had in mind, it is not to be put on a command line.
  fleet.healthy("$(reboot).main").healthy("`id`;.main").healthy("a'b.main");
  await publishFleet(broker.url, fleet.healthy("stopped.main", 3_600, 600).event("stopped.main", "stop", 590, gone));
  for (const name of ["night.yaml", "my fleet.yaml"]) await folder.write(name, "services: []\n");
  await folder.write("services/dome.ts", "");
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const INSTALL: Record<ShellName, string> = {
  bash: "source <(tcs completions bash)",
  zsh: "autoload -U compinit && compinit -D && source <(tcs completions zsh)",
  fish: "tcs completions fish | source",
};

async function completing(name: ShellName): Promise<Shell> {
  const shell = await openShell(name, { cwd: folder.path, env: { NATS_URL: broker.url } });
  shell.type(`${INSTALL[name]}; echo inst''alled\n`);
  await shell.see(/installed/);
  return shell;
}

const CLEAR = "\u0015";

for (const name of SHELLS) {
  describe.skipIf(!hasShell(name))(`in ${name}, Tab`, () => {
    test("completes commands, options, files and ids of services", async () => {
      await using shell = await completing(name);
      shell.type("tcs comp\t");
      await shell.see(/tcs completions /);
      shell.type(`${CLEAR}tcs status --deta\t`);
      await shell.see(/--detailed /);
      shell.type(`${CLEAR}tcs run --config ni\t`);
      await shell.see(/night\.yaml /);
      shell.type(`${CLEAR}tcs run --config=ni\t`);
      await shell.see(/--config=night\.yaml/);
      shell.type(`${CLEAR}tcs run my\t`);
      // Quoted as the shell itself would.
      await shell.see(/my\\ fleet\.yaml /);
      shell.type(`${CLEAR}tcs stop cam\t`);
      await shell.see(/camera\.main /);
      shell.type(`${CLEAR}tcs new service x --dir ser\t`);
      await shell.see(/services\//);
    });

    test("shows the choice where there is one", async () => {
      await using shell = await completing(name);
      shell.type("tcs restart d\t");
      await shell.see(/dome\./);
      shell.type("\t\t");
      await shell.see(/dome\.north/);
      await shell.see(/dome\.south/);
    });

    test("is silent and quick to give up when there is no broker", async () => {
      await using shell = await completing(name);
      const port = await freePort();
      shell.type(`tcs stop --port ${port} cam\t`);
      shell.type("X");
      await shell.see(/X/);
      shell.type(`${CLEAR}echo still he''re\n`);
      const [, before = ""] = await shell.see(/([\s\S]*)still here/);
      expect(before).not.toMatch(/broker|refused|camera/);
    });
  });
}

const complete = async (...words: string[]) => {
  const { code, stdout, stderr } = await runTcs(["__complete", "--", ...words], {
    cwd: folder.path,
    env: { NATS_URL: broker.url },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
};
const values = async (...words: string[]) => (await complete(...words)).slice(1).map((line) => line.split("\t")[0]);

describe("what is offered", () => {
  test("commands with what they do, and no hidden ones", async () => {
    expect(await complete("sto")).toEqual(["words", "stop\tStop services, until they are started again"]);
    const all = await values("");
    expect(all).toContain("doctor");
    expect(all.filter((word) => word?.startsWith("__"))).toEqual([]);
    expect(await values("help", "do")).toEqual(["doctor"]);
    expect(await values("help", "err")).toEqual(["errors"]);
  });
  test("ids of what is declared or runs, stopped ones too; none twice, none that a shell could mistake", async () => {
    expect(await values("start", "")).toEqual(["camera.main", "dome.north", "dome.south", "stopped.main"]);
    expect(await values("start", "dome.north", "dome.")).toEqual(["dome.south"]);
    expect(await values("stop", "--launcher", "")).toEqual([LAUNCHER]);
  });
  test("fixed words, where only these are right", async () => {
    expect(await values("completions", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await values("logs", "--level", "w")).toEqual(["warning"]);
    expect(await values("run", "--launcher", "")).toEqual(["inline", "worker", "process", "systemd"]);
    expect(await values("new", "")).toEqual(["service", "project", "types"]);
    expect(await values("new", "service", "x", "--kind", "si")).toEqual(["single-shot"]);
    expect(await values("service", "hello")).toEqual(["hello_world"]);
  });
  test("nothing, quietly, for what nobody knows", async () => {
    for (const words of [["nonsense", ""], ["rpc", "dome.north", ""], ["run", "--wat=x"], ["stop", "--", ""], []]) {
      expect((await complete(...words))[0]).toBe("words");
    }
    await folder.write("broken.yaml", "nats: [");
    expect(await complete("stop", "--config", "broken.yaml", "")).toEqual(["words"]);
  });
});

test("ids come within 150 ms, and giving up on a broker that is away takes no longer", async () => {
  const fastest = async (...words: string[]) => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const began = performance.now();
      await complete(...words);
      times.push(performance.now() - began);
    }
    return Math.min(...times);
  };
  expect(await fastest("stop", "")).toBeLessThan(150);
  expect(await fastest("stop", "--port", String(await freePort()), "")).toBeLessThan(150);
});

test("a fleet too large to be read in a moment is listed all the same", async () => {
  await using large = await startNats();
  await using open = await openConnection(large.url);
  await addStreams(open.connection);
  const count = 10_000;
  for (let i = 0; i < count; i++) {
    const data = { service_id: `dome.v${i}`, timestamp: toWireTimestamp() };
    open.connection.publish(`svc.registry.declared.dome.v${i}`, envelope({ ...data, event: "declared" }));
    open.connection.publish(`svc.status.dome.v${i}`, envelope({ ...data, name: `dome.v${i}`, status: "ok" }));
    open.connection.publish(`svc.heartbeat.dome.v${i}`, envelope({ ...data, status: "ok" }));
  }
  await open.connection.flush();
  const manager = await open.connection.jetstreamManager();
  await waitFor("the messages", async () => (await manager.streams.info("svc_heartbeat")).state.messages === count);
  const { stdout } = await runTcs(["__complete", "--", "stop", "dome.v999"], { env: { NATS_URL: large.url } });
  expect(stdout.trim().split("\n")).toHaveLength(1 + 11);
});

test("an unknown shell is refused, with those that are known", async () => {
  expect(await runTcs(["completions", "csh"])).toMatchObject({
    code: 2,
    stderr: 'tcs: tcs completions: given "csh", expected bash, zsh, fish\n',
  });
});
