// What the executable tells a service manager that listens: here a socket of the test's own.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { spawnTcs } from "../support/binary.ts";
import { runFleet } from "../support/fleet.ts";
import { listenAsManager, type NotifyListener } from "../support/notify-socket.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

const hears = (listener: NotifyListener, text: string | RegExp) =>
  waitFor(String(text), () =>
    listener.heard.some((said) => (typeof text === "string" ? said === text : text.test(said))),
  );
/** Without what is repeated. */
const phases = (listener: NotifyListener) => listener.heard.filter((text) => /^(READY|RELOADING|STOPPING)/.test(text));

test.each(["a path", "an abstract name"])("a service run by hand tells a manager at %s all its life", async (kind) => {
  using folder = tempFolder();
  const socket = kind === "a path" ? join(folder.path, "notify") : `@tcs-test-${process.pid}-${crypto.randomUUID()}`;
  using listener = listenAsManager(socket);
  await using tcs = spawnTcs(["service", "hello_world"], {
    env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "200000" },
  });
  await hears(listener, "READY=1");
  await hears(listener, /^STATUS=ok/);
  const signs = () => listener.heard.filter((text) => text === "WATCHDOG=1").length;
  await waitFor("signs of life", () => signs() >= 4);
  tcs.signal("SIGTERM");
  expect(await tcs.exited).toBe(143);
  expect(phases(listener)).toEqual(["READY=1", "STOPPING=1"]);
});

test("a launcher tells when all is ready, how the fleet is, and of its reload and its end", async () => {
  using folder = tempFolder();
  const socket = join(folder.path, "notify");
  using listener = listenAsManager(socket);
  await using fleet = await runFleet({
    yaml: "services:\n  - type: hello_world\n  - {type: examples.minimal, launcher: process}\n",
    env: { NOTIFY_SOCKET: socket },
  });
  await hears(listener, "READY=1");
  await hears(listener, "STATUS=ok: 2 of 2 services running");
  fleet.tcs.signal("SIGHUP");
  await fleet.tcs.waitForLine(/reload by SIGHUP/);
  await waitFor("the end of the reload", () => phases(listener).length >= 3);
  expect(await fleet.stop()).toBe(143);
  const [ready, reloading, again, ...rest] = phases(listener);
  expect([ready, again, ...rest]).toEqual(["READY=1", "READY=1", "STOPPING=1"]);
  expect(reloading).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
});

test("a launcher whose services have failed for good is ready: there is nothing more to wait for", async () => {
  using folder = tempFolder();
  const socket = join(folder.path, "notify");
  using listener = listenAsManager(socket);
  const broken = `import { service, BasePermanentService } from "ocabox-tcs";
@service("broken")
export class Broken extends BasePermanentService {
  async startService() { throw new Error("no dome"); }
  async stopService() {}
}`;
  await using _fleet = await runFleet({
    yaml: "services:\n  - {type: broken, restart: always, restart_sec: 60}\n  - type: hello_world\n",
    files: { "broken.ts": broken },
    env: { NOTIFY_SOCKET: socket },
  });
  await hears(listener, "READY=1");
  await hears(listener, /^STATUS=failed: 1 of 2 services running; broken\.main/);
});

test("signs of life are for the process that is watched: no other gives any", async () => {
  using folder = tempFolder();
  const socket = join(folder.path, "notify");
  using listener = listenAsManager(socket);
  await using _tcs = spawnTcs(["service", "hello_world"], {
    env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "20000", WATCHDOG_PID: "1" },
  });
  await hears(listener, "READY=1");
  await hears(listener, /^STATUS=ok/);
  expect(listener.heard).not.toContain("WATCHDOG=1");
});
