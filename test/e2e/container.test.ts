// tcs as process 1 of a container: orphans, signals, and the little that a container gives.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { spawnTcs, type TcsProcess } from "../support/binary.ts";
import { CONTAINER_ENV, canContain, inContainer, inside } from "../support/container.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

/** A program that leaves ten processes behind, half of them in sessions of their own, and goes on. */
const LITTER = `
for i in 1 2 3 4 5; do (sleep 0.2 &); (setsid sh -c 'sleep 0.2 & exec true' &); done
sleep 0.5
echo littered
trap 'echo swept; exit 0' TERM
while :; do sleep 0.1; done`;
const ZOMBIES = ["sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status | wc -l"];

const contained = describe.skipIf(!canContain);

async function runContained(files: Record<string, string>, args: string[] = ["run"], proc = "rw") {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await startNats());
  const folder = stack.use(tempFolder());
  const yaml = files["services.yaml"] ?? "";
  await folder.write("services.yaml", `nats: {port: ${broker.port}}\n${yaml}`);
  for (const [name, text] of Object.entries(files)) if (name !== "services.yaml") await folder.write(name, text);
  // Another user looks into it.
  Bun.spawnSync(["chmod", "-R", "a+rX", folder.path]);
  const wire = stack.use(await listenToWire(broker.url));
  const tcs = stack.use(spawnTcs(args, { under: inContainer({ app: folder.path, proc }), env: CONTAINER_ENV }));
  return { broker, folder, wire, tcs, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const health = (tcs: TcsProcess, ...args: string[]) => inside(tcs.pid, ["/tcs", "health", "--local", ...args]);

contained("as process 1 of a container", () => {
  test("what a service's programs leave behind is gone within a second, and no zombie stays", async () => {
    await using fleet = await runContained({
      "services.yaml": `services:\n  - type: litter\n    command: [sh, ./litter.sh]\n`,
      "litter.sh": LITTER,
    });
    await fleet.tcs.waitForLine(/littered/);
    await waitFor(
      "the end of all zombies",
      async () => (await inside(fleet.tcs.pid, ZOMBIES)).stdout.trim() === "0",
      1000,
    );
    // They had this process for a parent: nobody else takes orphans in a pid namespace.
    const first = await inside(fleet.tcs.pid, ["cat", "/proc/1/cmdline"]);
    expect(first.stdout).toContain("tcs-init");
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("%s ends services in their order, then the launcher, with code %d", async (signal, code) => {
    const stopping = `async onStop() { this.logger.info("cleaned up"); }`;
    await using fleet = await runContained({
      "services.yaml": "services:\n  - type: a\n  - type: b\n    after: [a.main]\n",
      "a.ts": serviceFile(`${LOOP}\n${stopping}`),
      "b.ts": serviceFile(`${LOOP}\n${stopping}`),
    });
    await fleet.wire.waitForStatus("b.main", "ok");
    await fleet.tcs.waitForLine(/2 of 2 services running/);
    fleet.tcs.signal(signal);
    expect(await within("the end of the container", fleet.tcs.exited)).toBe(code);
    await fleet.wire.flush();
    const stops = fleet.wire.records
      .map(({ subject }) => subject)
      .filter((subject) => subject.includes("registry.stop."));
    expect(stops).toEqual(["svc.registry.stop.b.main", "svc.registry.stop.a.main"]);
    expect(fleet.tcs.stderr).toMatch(new RegExp(`${signal}: stopping[^]*b.main +cleaned up[^]*a.main +cleaned up`));
    expect(fleet.tcs.stderr).not.toContain("not sent");
  });

  test("a service that is killed inside is restarted, and the container goes on", async () => {
    await using fleet = await runContained({
      "services.yaml": "services:\n  - type: a\n    launcher: process\n    restart: always\n    restart_sec: 0.1\n",
      "a.ts": serviceFile(LOOP),
    });
    const before = await fleet.wire.waitForStatus("a.main", "ok");
    const killed = await inside(fleet.tcs.pid, ["sh", "-c", `kill -9 ${before.data.pid}`]);
    expect(killed.code).toBe(0);
    const after = await fleet.wire.waitFor(
      "another life",
      ({ subject, data }) => subject === "svc.status.a.main" && data.status === "ok" && data.pid !== before.data.pid,
    );
    expect(Number(after.data.pid)).toBeGreaterThan(1);
    fleet.tcs.signal("SIGTERM");
    expect(await within("the end of the container", fleet.tcs.exited)).toBe(143);
  });

  test("a launcher that is killed ends the container, with code 137 and nothing left", async () => {
    await using fleet = await runContained({
      "services.yaml": "services:\n  - type: a\n    launcher: process\n",
      "a.ts": serviceFile(LOOP),
    });
    await fleet.wire.waitForStatus("a.main", "ok");
    const answer: unknown = JSON.parse((await health(fleet.tcs, "--json")).stdout);
    const launcher = Array.isArray(answer) ? Number(answer[0].pid) : 0;
    expect(launcher).toBeGreaterThan(1);
    await inside(fleet.tcs.pid, ["sh", "-c", `kill -9 ${launcher}`]);
    expect(await within("the end of the container", fleet.tcs.exited)).toBe(137);
    await waitFor("the end of all in it", () => processesWith(fleet.folder.path).length === 0);
  });

  test("a service run by hand has a reaper too, and ends by SIGTERM in good order", async () => {
    await using fleet = await runContained(
      {
        "services.yaml": "services: [a]\n",
        "a.ts": serviceFile(`${LOOP}\nasync onStop() { this.logger.info("cleaned up"); }`),
      },
      ["service", "a.ts", "services.yaml"],
    );
    await fleet.wire.waitForStatus("a.main", "ok");
    expect((await health(fleet.tcs, "--ready")).stdout).toContain("a.main  ok");
    fleet.tcs.signal("SIGTERM");
    expect(await within("the end of the container", fleet.tcs.exited)).toBe(143);
    expect(fleet.tcs.stderr).toContain("cleaned up");
  });
});

contained("with the little that a container gives", () => {
  test.each(["rw", "hidepid=2"])(
    "a read-only root, a user without a name, no home and /proc with %s are enough",
    async (proc) => {
      await using fleet = await runContained(
        {
          "services.yaml": "services:\n  - type: a\n    launcher: process\n  - hello_world\n",
          "a.ts": serviceFile(LOOP),
        },
        ["run"],
        proc,
      );
      await fleet.tcs.waitForLine(/2 of 2 services running/);
      const facts = await inside(fleet.tcs.pid, [
        "sh",
        "-c",
        "id -u; id -un >/dev/null; touch /x; touch /app/x; echo $HOME",
      ]);
      expect(facts.stdout).toBe("10001\n\n");
      expect(facts.stderr).toContain("cannot find name for user ID 10001");
      expect(facts.stderr).toContain("'/x': Read-only file system");
      const { data } = await fleet.wire.waitForStatus("a.main", "ok");
      expect(data.hostname).toBe("container");
      expect((await health(fleet.tcs, "--ready")).code).toBe(0);
    },
  );

  test("secrets come from files, and no log shows them", async () => {
    await using fleet = await runContained(
      {
        "services.yaml": `services:\n  - type: a\n    api_key: \${API_KEY}\n`,
        "secrets/API_KEY": "a secret of many letters\n",
        "a.ts": `import { BaseBlockingPermanentService, baseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
const Config = baseServiceConfig.extend({ api_key: z.string().meta({ secret: true }) });
@service({ config: Config })
export class A extends BaseBlockingPermanentService<typeof Config> {
  async runService() {
    this.logger.info(\`length \${this.config.api_key.length}: \${this.config.api_key}\`);
    while (this.isRunning) await this.sleep(1);
  }
}`,
      },
      ["run"],
    );
    // Without the folder the variable is not set: nothing starts.
    expect(await within("the end of the container", fleet.tcs.exited)).toBe(5);
    await using again = spawnTcs(["run"], {
      under: inContainer({ app: fleet.folder.path }),
      env: { ...CONTAINER_ENV, TCS_SECRETS_DIR: "/app/secrets" },
    });
    const [line] = await again.waitForLine(/length.*/);
    expect(line).toBe("length 24: ***");
  });
});

contained("health asked on the host", () => {
  test("a broker that is away does not matter, a launcher that stands still does", async () => {
    await using fleet = await runContained({
      "services.yaml": "services:\n  - type: a\n    watchdog_sec: 0\n",
      "a.ts": serviceFile("async runService() { while (this.isRunning) await this.sleep(0.1); }"),
    });
    await fleet.wire.waitForStatus("a.main", "ok");
    await fleet.broker.kill();
    await fleet.tcs.waitForLine(/connection to the broker lost/);
    expect(await health(fleet.tcs)).toMatchObject({ code: 0 });
    expect(await health(fleet.tcs, "--ready")).toMatchObject({ code: 0 });
    const [{ pid }] = JSON.parse((await health(fleet.tcs, "--json")).stdout);
    await inside(fleet.tcs.pid, ["sh", "-c", `kill -STOP ${pid}`]);
    const hung = await health(fleet.tcs, "--limit", "0.3");
    expect(hung).toMatchObject({ code: 6, stdout: `pid ${pid}  no answer within 0.3 s\n` });
    await inside(fleet.tcs.pid, ["sh", "-c", `kill -CONT ${pid}`]);
    expect((await health(fleet.tcs)).code).toBe(0);
  });

  test("a fleet in trouble is alive, and not ready", async () => {
    await using fleet = await runContained({
      "services.yaml": "services:\n  - type: a\n",
      "a.ts": serviceFile("async runService() { throw new Error('broken'); }"),
    });
    await fleet.wire.waitForEvent("crashed", "a.main");
    const ready = await waitFor("the verdict", async () => {
      const answer = await health(fleet.tcs, "--ready");
      return answer.code === 6 && answer;
    });
    expect(ready.stdout).toContain("a.main");
    expect((await health(fleet.tcs)).code).toBe(0);
  });
});

test("without anything that runs, tcs health --local says so with code 3", async () => {
  using folder = tempFolder();
  await using tcs = spawnTcs(["health", "--local"], { env: { TCS_STATE_DIR: join(folder.path, "state") } });
  expect(await tcs.exited).toBe(3);
  expect(tcs.stderr).toContain("nothing of tcs runs here");
});
