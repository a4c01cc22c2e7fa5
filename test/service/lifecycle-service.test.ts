import { describe, expect, test } from "bun:test";
import { LifecycleService } from "../../src/index.ts";
import { startForTest } from "../../src/service/testing.ts";

/** Two levels of a library, as the message services are, that tell what they do. */
const calls: string[] = [];

abstract class Socket extends LifecycleService {
  override async start() {
    calls.push(`socket start (${this.state})`);
    await super.start();
  }
  override async stop() {
    await super.stop();
    calls.push(`socket stop (${this.state})`);
  }
}

abstract class Publisher extends Socket {
  override async start() {
    calls.push("publisher start");
    await super.start();
  }
  override async run() {
    calls.push(`publisher run (${this.state})`);
    await super.run();
  }
  override async stop() {
    await super.stop();
    calls.push("publisher stop");
  }
}

class Dome extends Publisher {
  override async start() {
    calls.push("dome start");
    await super.start();
  }
  override async stop() {
    await super.stop();
    calls.push("dome stop");
  }
}

function fresh<T>(serviceClass: T): T {
  calls.length = 0;
  return serviceClass;
}

describe("a service of several levels", () => {
  test("is in the progress state at every level, and completed after the last", async () => {
    await using it = await startForTest(fresh(Dome));
    expect(it.service.state).toBe("running");
    expect(await it.stop()).toMatchObject({ code: 0, phase: "stopped" });
    expect(calls).toEqual([
      "dome start",
      "publisher start",
      "socket start (starting)",
      "publisher run (running)",
      "socket stop (stopping)",
      "publisher stop",
      "dome stop",
    ]);
    expect(it.service.stateHistory.map(({ state }) => state)).toEqual([
      "initializing",
      "initialized",
      "starting",
      "started",
      "running",
      "stopping",
      "stopped",
    ]);
  });

  test("refuses start and run out of turn at every level, before the body runs", async () => {
    await using it = await startForTest(fresh(Dome));
    const before = [...calls];
    await expect(it.service.start()).rejects.toThrow("start() of Dome in Dome, which is running: it is called by tcs");
    await expect(Publisher.prototype.start.call(it.service)).rejects.toThrow("start() of Publisher in Dome");
    await expect(Socket.prototype.start.call(it.service)).rejects.toThrow("start() of Socket in Dome");
    await expect(it.service.run()).rejects.toThrow("which is running: it is called once in each life");
    expect(calls).toEqual(before);
    expect(it.service.state).toBe("running");
  });

  test("cannot start while a failed start is being stopped: nothing is opened after its end", async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    let late: unknown;
    class Slow extends Socket {
      override async start() {
        this.recordError(new Error("no device"), { fatal: true });
        await held;
        await super.start().catch((error: unknown) => (late = error));
      }
    }
    await expect(startForTest(fresh(Slow))).rejects.toThrow("Startup failed: no device");
    release();
    await Bun.sleep(0);
    expect(String(late)).toContain("start() of Socket in Slow, which is failed");
    expect(calls).toEqual(["socket stop (stopping)"]);
  });

  test("whose start leaves out a level fails to start, and says which", async () => {
    class Forgets extends Publisher {
      override async start() {
        calls.push("forgets");
      }
    }
    await expect(startForTest(fresh(Forgets))).rejects.toThrow("Forgets has started without start() of Publisher");
    expect(calls).toEqual(["forgets", "socket stop (stopping)", "publisher stop"]);
  });

  test("whose start calls a level twice fails to start", async () => {
    class Twice extends Publisher {
      override async start() {
        await super.start();
        await super.start();
      }
    }
    await expect(startForTest(fresh(Twice))).rejects.toThrow("start() of Publisher in Twice");
  });

  test("stops every level when its start fails, and has failed", async () => {
    class Broken extends Publisher {
      override async start() {
        await super.start();
        throw new Error("no dome");
      }
    }
    await expect(startForTest(fresh(Broken))).rejects.toThrow("Startup failed: no dome");
    expect(calls).toEqual(["publisher start", "socket start (starting)", "socket stop (stopping)", "publisher stop"]);
  });

  test("stops every level although one throws, or does not call super", async () => {
    class Careless extends Publisher {
      override async stop() {
        throw new Error("cannot park");
      }
    }
    await using it = await startForTest(fresh(Careless));
    expect(await it.stop()).toMatchObject({ code: 1, phase: "stopping", error: "cannot park" });
    expect(calls.slice(-2)).toEqual(["socket stop (stopping)", "publisher stop"]);
    expect(it.service.state).toBe("failed");
  });

  test("tells of every level that could not stop", async () => {
    class Socket2 extends LifecycleService {
      override async stop() {
        throw new Error("the socket is gone");
      }
    }
    class Careless extends Socket2 {
      override async stop() {
        throw new Error("cannot park");
      }
    }
    await using it = await startForTest(Careless);
    const { error } = await it.stop();
    expect(error).toContain("cannot park");
    expect(error).toContain("the socket is gone");
  });

  test("with a field where a method belongs is told so", async () => {
    class Field extends LifecycleService {
      override start = async () => undefined;
    }
    await expect(startForTest(Field)).rejects.toThrow("Field.start is a field: expected a method");
  });

  test("of another kind's methods is refused", async () => {
    class Mixed extends LifecycleService {
      onStart() {}
    }
    await expect(startForTest(Mixed)).rejects.toThrow("Mixed overrides onStart, but it is a lifecycle service");
  });

  test("that returns from run has completed", async () => {
    class Short extends LifecycleService {
      override async run() {
        await this.sleep(0.001);
      }
    }
    await using it = await startForTest(Short);
    expect(await it.ended).toMatchObject({ code: 0, phase: "completed" });
    expect(it.service.state).toBe("stopped");
  });
});

describe("stop", () => {
  test("is asked for by anybody, and resolves at the end", async () => {
    await using it = await startForTest(fresh(Dome));
    {
      await using _ = it.service.observeStateChange("stopped");
      await it.service.stop();
    }
    expect(calls.at(-1)).toBe("dome stop");
    expect(await it.ended).toMatchObject({ code: 0, phase: "completed" });
    await it.service.stop();
    expect(calls.filter((call) => call === "dome stop")).toHaveLength(1);
  });

  test("does not wait for itself in the service's own code, be it run, a task or stop itself", async () => {
    for (const where of ["run", "task", "stop"]) {
      class Ends extends LifecycleService {
        override async run() {
          if (where === "task") this.registerTask(() => this.stop());
          if (where === "run") await this.stop();
          if (where === "stop") this.requestStop();
          await super.run();
        }
        override async stop() {
          await super.stop();
          if (where === "stop") await this.stop();
        }
      }
      await using it = await startForTest(Ends);
      const exit = await it.ended;
      expect(exit).toEqual({ code: 0, phase: "completed", reported: true });
    }
  });

  test("while it is made: it never starts; while it starts: it never runs", async () => {
    for (const where of ["constructor", "start"]) {
      const seen: string[] = [];
      class Hasty extends LifecycleService {
        constructor() {
          super();
          seen.push("made");
          if (where === "constructor") void this.stop();
        }
        override async start() {
          seen.push("start");
          await this.stop();
          await super.start();
        }
        override async run() {
          seen.push("run");
          await super.run();
        }
      }
      await expect(startForTest(Hasty)).rejects.toThrow("Service completed");
      expect(seen).toEqual(where === "start" ? ["made", "start"] : ["made"]);
    }
  });
});
