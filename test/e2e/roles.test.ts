// The roles of config/nats at a real broker: each may do its own, and what it may not is said in plain words.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "nats";
import { createMonitor } from "../../src/monitoring/index.ts";
import { runTcs, spawnTcs, type TcsProcess } from "../support/binary.ts";
import type { TestBroker } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { connectAs, envOf, type Role, startSecuredNats } from "../support/secured.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

let broker: TestBroker;
let folder: TempFolder;
let launcher: TcsProcess;

const SERVICE = `
import { BaseBlockingPermanentService, rpc, service } from "ocabox-tcs";
@service
export class Camera extends BaseBlockingPermanentService {
  async runService() { while (this.isRunning) await this.sleep(1000); }
  @rpc("expose") expose() { return { taken: true }; }
  @rpc("fail") fail() { throw new Error("no light"); }
}
`;

beforeAll(async () => {
  broker = await startSecuredNats();
  folder = tempFolder();
  await folder.write("camera.ts", SERVICE);
  await folder.write("services.yaml", "services:\n  - {type: camera, variant: north}\n  - hello_world\n");
  launcher = spawnTcs(["run"], {
    cwd: folder.path,
    env: { ...envOf("launcher"), NATS_URL: broker.url, TCS_STATE_DIR: join(folder.path, ".state") },
  });
  await launcher.waitForLine(/2 of 2 services running/);
});

afterAll(async () => {
  await launcher?.[Symbol.asyncDispose]();
  await broker?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

const as = async (role: Role, ...args: string[]) =>
  await runTcs(args, { env: { ...envOf(role), NATS_URL: broker.url } });

test("a launcher runs its fleet without asking for more than it may", () => {
  expect(launcher.stderr).not.toMatch(/does not let|WARNING|ERROR/);
});

describe("a viewer", () => {
  test.each([
    [["status"], /camera\.north +ok/],
    [["why", "camera.north"], /Target: +running/],
    [["health", "camera.north"], /camera\.north +ok/],
    [["stats", "camera.north"], /camera\.north/],
    [["list"], /camera\.north/],
    [["logs", "hello_world"], /Hello World!/],
    [["events", "-n", "50"], /camera\.north/],
  ])("sees: tcs %j", async (args, expected) => {
    const { code, stdout, stderr } = await as("viewer", ...args);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(expected);
  });

  test("sees what happens: tcs logs -f", async () => {
    const env = { ...envOf("viewer"), NATS_URL: broker.url };
    await using logs = spawnTcs(["logs", "-f", "hello_world"], { env });
    await logs.waitForLine(/Hello World!(.|\n)*Hello World!/);
    expect(logs.stderr).not.toContain("does not let");
  });

  test("sees the dashboard with --read-only", async () => {
    const env = { ...envOf("viewer"), NATS_URL: broker.url };
    await using dashboard = spawnTcs(["dashboard", "--read-only", "--port", String(await freePort())], { env });
    const [url] = await dashboard.waitForLine(/http:\/\/\S+/);
    expect((await fetch(url)).status).toBe(200);
    expect(dashboard.stderr).not.toContain("does not let");
  });

  test.each([
    ["stop", ["camera.north"]],
    ["start", ["camera.north"]],
    ["restart", ["camera.north"]],
    ["reload", []],
  ])("is refused: tcs %s, at once, with who may not do what", async (verb, words) => {
    const began = performance.now();
    const { code, stdout, stderr } = await as("viewer", verb, ...words);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/the broker does not let the user "viewer" publish to svc\.rpc\.launcher\.launcher\.\S+/);
    expect(stderr).toContain("orders are for operators");
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test("is refused: a service's own command", async () => {
    const { code, stderr } = await as("viewer", "rpc", "camera.north", "expose");
    expect(code).toBe(1);
    expect(stderr).toContain('the broker does not let the user "viewer" publish to svc.rpc.camera.north.v1.expose');
  });

  test("is told by tcs doctor which role it has, and what is missing for more", async () => {
    const { stdout } = await as("viewer", "doctor");
    expect(stdout).toContain('the user "viewer" has the rights of a viewer: may see the fleet');
    expect(stdout).toContain('allow the user "viewer": publish svc.rpc.>');
    expect(stdout).toContain('as "viewer"');
  });

  test("sees what is set on the broker, and sets nothing there", async () => {
    expect((await as("operator", "config", "set", "hello_world", "interval=4")).code).toBe(0);
    expect((await as("viewer", "config", "list")).stdout).toMatch(/type hello_world +interval +4/);
    expect((await as("viewer", "config", "get", "hello_world", "interval")).stdout).toBe("4\n");
    for (const verb of ["history", "diff"]) {
      expect((await as("viewer", "config", verb, "hello_world")).stdout).toContain("interval: not set -> 4");
    }
    expect((await as("viewer", "config", "export")).stdout).toContain("interval: 4");
    for (const words of [
      ["set", "hello_world", "interval=3"],
      ["unset", "hello_world", "--all"],
      ["rollback", "hello_world"],
    ]) {
      const { code, stdout, stderr } = await as("viewer", "config", ...words);
      expect([words, code, stdout]).toEqual([words, 1, ""]);
      expect(stderr).toContain('the broker does not let the user "viewer" publish to $KV.tcs_config.type.hello_world');
      expect(stderr).toContain("is for operators");
    }
    expect((await as("viewer", "config", "get", "hello_world", "interval")).stdout).toBe("4\n");
  });

  test("who does not say where answers may come to is told so", async () => {
    const { NATS_INBOX_PREFIX: _, ...env } = envOf("viewer");
    const { code, stderr } = await runTcs(["status"], { env: { ...env, NATS_URL: broker.url } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/the broker does not let the user "viewer" listen to _INBOX\./);
    expect(stderr).toContain("NATS_INBOX_PREFIX");
  });
});

describe("an operator", () => {
  test("stops, starts and reloads, and each is a line in the launcher's log with who it was", async () => {
    const host = (await as("operator", "stop", "camera.north", "--reason", "dome is wet")).code;
    expect(host).toBe(0);
    expect((await as("operator", "start", "camera.north")).code).toBe(0);
    expect((await as("operator", "reload")).code).toBe(0);
    expect((await as("operator", "stop", "nobody.main")).code).toBe(3);
    await launcher.waitForLine(/INFO +tcs +camera\.north: stop by \w+@[\w-]+ \("dome is wet"\): stopped/);
    await launcher.waitForLine(/INFO +tcs +camera\.north: start by \w+@[\w-]+: started/);
    await launcher.waitForLine(/INFO +tcs +reload by \w+@[\w-]+/);
  });

  test("sets values of services, and the launcher takes them", async () => {
    expect((await as("operator", "config", "set", "hello_world.main", "message=good evening")).code).toBe(0);
    await launcher.waitForLine(/reload by \w+@[\w-]+: 1 changed \(hello_world\.main: message/);
    await launcher.waitForLine(/hello_world\.main +good evening/);
    expect((await as("operator", "config", "rollback", "hello_world.main")).code).toBe(0);
    expect((await as("operator", "config", "set", "camera", "x=1")).code).toBe(5);
  });

  test("calls the commands of services: a line each, also for those that fail", async () => {
    expect((await as("operator", "rpc", "camera.north", "expose", '{"password": "hunter2"}')).code).toBe(0);
    expect((await as("operator", "rpc", "camera.north", "fail")).code).toBe(1);
    await launcher.waitForLine(/camera\.north: command expose by \w+@[\w-]+: done in \d+ ms/);
    await launcher.waitForLine(/WARNING +tcs +camera\.north: command fail by \w+@[\w-]+: failed; .*no light/);
    expect(launcher.stdout + launcher.stderr).not.toContain("hunter2");
  });

  test("an order for a service that the launcher has not is told in its log too", async () => {
    const connection = await connectAs("operator", broker);
    const [name = ""] = (await as("viewer", "list", "--json")).stdout.match(/launcher\.launcher\.[\w.-]+/) ?? [];
    await connection.request(`svc.rpc.${name}.v1.stop.nobody.main`, "");
    await launcher.waitForLine(/WARNING +tcs +nobody\.main: stop by unknown: refused; .*no service "nobody\.main"/);
    await connection.close();
  });

  test("is told by tcs doctor that it is one", async () => {
    const { stdout } = await as("operator", "doctor");
    expect(stdout).toContain('the user "operator" has the rights of an operator: may see the fleet, give orders');
  });
});

describe("a program that reports for itself", () => {
  test("speaks for its own service, and for no other", async () => {
    const told: string[] = [];
    const connection = await connectAs("camera", broker);
    const violations: string[] = [];
    void (async () => {
      for await (const { permissionContext } of connection.status()) {
        if (permissionContext) violations.push(`${permissionContext.operation} ${permissionContext.subject}`);
      }
    })();
    const log = ({ message }: { message: string }) => void told.push(message);
    const own = await createMonitor("camera.main", { connection, log });
    const foreign = await createMonitor("camera.north", { connection, log });
    await waitFor("a refusal", () => violations.includes("publish svc.status.camera.north"));
    await waitFor("its own status", async () => (await as("viewer", "status", "--all")).stdout.includes("camera.main"));
    expect(violations).not.toContain("publish svc.status.camera.main");
    expect(told.join("\n")).toContain("does not let");
    await own.stop();
    await foreign.stop();
    await connection.close();
  });

  test("does not give orders, and does not listen to others' answers", async () => {
    const connection = await connectAs("camera", broker);
    await expect(connection.request("svc.rpc.hello_world.main.v1.health", "")).rejects.toThrow(/Permissions Violation/);
    const answers = connection.subscribe("_INBOX_operator.>");
    await expect(
      (async () => {
        for await (const _ of answers);
      })(),
    ).rejects.toThrow(/Permissions Violation/);
    await connection.close();
  });
});

test("nobody gets in without a login: exit code 4, and what to give", async () => {
  const { code, stderr } = await runTcs(["status"], { env: { NATS_URL: broker.url } });
  expect(code).toBe(4);
  expect(stderr).toContain("it wants to know who connects, and no login is given");
  expect(stderr).toContain("NATS_CREDS");
  await expect(connect({ servers: broker.url, reconnect: false })).rejects.toThrow(/Authorization/);
});
