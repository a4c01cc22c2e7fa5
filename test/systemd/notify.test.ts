import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Logger } from "../../src/common/logger.ts";
import { takeNotifyAddress } from "../../src/systemd/environment.ts";
import { ListeningManager, openServiceManager, type Teller } from "../../src/systemd/notify.ts";
import { listenAsManager } from "../support/notify-socket.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

/** A manager's end that is written down; `deaf` takes nothing for a while. */
function recorder(): Teller & { heard: string[]; deaf: boolean } {
  const teller = {
    heard: [] as string[],
    deaf: false,
    send(text: string) {
      if (!teller.deaf) teller.heard.push(text);
      return !teller.deaf;
    },
    monotonicUsec: () => 42n,
  };
  return teller;
}

describe("what the environment tells", () => {
  test("a path and an abstract name are addresses; nothing, and what is neither, is none", () => {
    expect(takeNotifyAddress({ NOTIFY_SOCKET: "/run/notify" })).toEqual({ socket: "/run/notify" });
    expect(takeNotifyAddress({ NOTIFY_SOCKET: "@notify" })).toEqual({ socket: "@notify" });
    for (const socket of ["", "@", "notify", "vsock:2:1"]) {
      expect(takeNotifyAddress({ NOTIFY_SOCKET: socket })).toBeUndefined();
    }
    expect(takeNotifyAddress({})).toBeUndefined();
  });

  test("the watchdog counts for the process it is meant for, or when no process is named", () => {
    const watched = { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "3000000" };
    expect(takeNotifyAddress({ ...watched })).toEqual({ socket: "/n", watchdogMs: 3000 });
    expect(takeNotifyAddress({ ...watched, WATCHDOG_PID: String(process.pid) })?.watchdogMs).toBe(3000);
    expect(takeNotifyAddress({ ...watched, WATCHDOG_PID: "1" })).toEqual({ socket: "/n" });
    for (const WATCHDOG_USEC of ["0", "", "soon", "-5"]) {
      expect(takeNotifyAddress({ ...watched, WATCHDOG_USEC })).toEqual({ socket: "/n" });
    }
  });

  test("it is taken away, so that what is started from here does not speak to the manager", () => {
    const env = { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "1", WATCHDOG_PID: "1", PATH: "/bin" };
    takeNotifyAddress(env);
    expect(env).toEqual({ PATH: "/bin" } as typeof env);
  });
});

describe("what a manager is told", () => {
  test("a status once for each change, on one line, and not longer than is shown", () => {
    const teller = recorder();
    const manager = new ListeningManager(teller, {});
    manager.status("ok: 2 of 2");
    manager.status("ok: 2 of 2");
    manager.status("error:\n  dome\tstuck");
    manager.status("x".repeat(2000));
    expect(teller.heard.filter((text) => text.startsWith("STATUS="))).toEqual([
      "STATUS=ok: 2 of 2",
      "STATUS=error: dome stuck",
      `STATUS=${"x".repeat(500)}`,
    ]);
  });

  test("progress puts off the limit of a start and of a stop, and nothing in between", () => {
    const teller = recorder();
    const manager = new ListeningManager(teller, {});
    manager.progress();
    manager.progress();
    expect(teller.heard).toEqual(["EXTEND_TIMEOUT_USEC=90000000"]);
    manager.ready();
    manager.progress();
    manager.stopping();
    manager.progress();
    expect(teller.heard.slice(1)).toEqual(["READY=1", "STOPPING=1", "EXTEND_TIMEOUT_USEC=15000000"]);
  });

  test("a reload is told with the clock that systemd compares, and ends with ready; before that there is none", () => {
    const teller = recorder();
    const manager = new ListeningManager(teller, {});
    manager.reloading();
    manager.reloaded();
    manager.ready();
    manager.reloading();
    manager.reloaded();
    expect(teller.heard).toEqual(["READY=1", "RELOADING=1\nMONOTONIC_USEC=42", "READY=1"]);
  });

  test("nothing is ready any more once it stops", () => {
    const teller = recorder();
    const manager = new ListeningManager(teller, {});
    manager.stopping();
    manager.ready();
    expect(teller.heard).toEqual(["STOPPING=1"]);
  });

  test("what it could not take is told again: the last word of each kind", async () => {
    const teller = recorder();
    const manager = new ListeningManager(teller, {});
    teller.deaf = true;
    manager.status("starting");
    manager.ready();
    manager.status("ok");
    expect(teller.heard).toEqual([]);
    teller.deaf = false;
    await waitFor("the repetition", () => teller.heard.length >= 2);
    expect(teller.heard.toSorted()).toEqual(["READY=1", "STATUS=ok"]);
  });

  test("signs of life come twice in each period", async () => {
    const teller = recorder();
    const begin = performance.now();
    new ListeningManager(teller, { watchdogMs: 40 });
    await waitFor("six signs", () => teller.heard.length >= 6);
    expect(performance.now() - begin).toBeGreaterThan(80);
    expect(new Set(teller.heard)).toEqual(new Set(["WATCHDOG=1"]));
  });
});

describe("the socket", () => {
  test.each(["a path", "an abstract name"])("messages arrive at a socket with %s", async (kind) => {
    using folder = tempFolder();
    const socket = kind === "a path" ? join(folder.path, "notify") : `@tcs-test-${process.pid}-${Math.random()}`;
    using listener = listenAsManager(socket);
    const manager = await openServiceManager({ NOTIFY_SOCKET: socket }, new Logger("tcs", () => undefined));
    manager.ready();
    manager.status("grün");
    await waitFor("both", () => listener.heard.length >= 2);
    expect(listener.heard.slice(0, 2)).toEqual(["READY=1", "STATUS=grün"]);
  });

  test("the clock is the kernel's monotonic one", async () => {
    const { DatagramSender } = await import("../../src/systemd/datagram.ts");
    const [uptime = ""] = (await Bun.file("/proc/uptime").text()).split(" ");
    const usec = Number(new DatagramSender("@nobody").monotonicUsec());
    // The uptime also counts the time that a machine was suspended for.
    expect(usec).toBeGreaterThan(0);
    expect(usec / 1e6).toBeLessThan(Number(uptime) + 1);
  });

  test("a manager that cannot be told anything is a warning, and nothing else", async () => {
    const lines: string[] = [];
    const logger = new Logger("tcs", ({ level, message }) => lines.push(`${level} ${message}`));
    const manager = await openServiceManager({ NOTIFY_SOCKET: `/${"n".repeat(200)}` }, logger);
    manager.ready();
    expect(lines).toEqual([
      expect.stringMatching(/^warning systemd is not told .* too long for the name of a socket$/),
    ]);
  });

  test("a manager that has gone is no error", async () => {
    const { DatagramSender } = await import("../../src/systemd/datagram.ts");
    expect(new DatagramSender("/nowhere/notify").send("READY=1")).toBe(false);
  });
});
