// A running service and another configuration: asked, told, refused; one after the other.
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { BaseBlockingPermanentService, BaseServiceConfig, rpc, service } from "../../src/index.ts";
import { configDifference } from "../../src/service/config-difference.ts";
import { startForTest } from "../../src/service/testing.ts";

const Config = BaseServiceConfig.extend({
  interval: z.number().positive().default(5),
  limits: z.object({ max: z.number().default(1), min: z.number().default(0) }).prefault({}),
  targets: z.array(z.string()).default([]),
  pin: z.string().meta({ secret: true }).default("0000"),
});

abstract class Loop extends BaseBlockingPermanentService<typeof Config> {
  override async runService() {
    while (this.isRunning) await this.sleep(1000);
  }
}

@service({ config: Config })
class Told extends Loop {
  readonly heard: unknown[] = [];
  override onConfigChange(next: this["config"], previous: this["config"]) {
    this.heard.push([previous.interval, next.interval, this.config.interval]);
  }
}

@service({ config: Config })
class Strict extends Loop {
  override async onConfigChange(next: this["config"]) {
    await Bun.sleep(1);
    if (next.interval > 9) throw new Error(`too slow, and ${next.pin} is wrong`);
  }
  @rpc("interval") interval() {
    return { interval: this.config.interval };
  }
}

@service({ config: Config })
class Deaf extends Loop {}

describe("a service that runs", () => {
  test("is told next and previous, and has the next one when it has returned", async () => {
    await using it = await startForTest(Told, { interval: 1, limits: { max: 3 } });
    await it.changeConfig({ interval: 2 });
    expect(it.service.config).toMatchObject({ interval: 2, limits: { max: 3 }, variant: "main" });
    await it.changeConfig({ limits: { max: 4 } });
    expect(it.service.config).toMatchObject({ interval: 2, limits: { max: 4, min: 0 } });
    expect(it.service.heard).toEqual([
      [1, 2, 1],
      [2, 2, 2],
    ]);
    await it.logged("configuration changed: interval 1 -> 2");
    await it.logged("configuration changed: limits.max 3 -> 4");
  });

  test("is not told what means the same", async () => {
    await using it = await startForTest(Told, { interval: 1 });
    await it.changeConfig({ interval: 1, targets: [] });
    expect(it.service.heard).toEqual([]);
  });

  test("may refuse: it keeps what it has, and its message says so until the next good one", async () => {
    await using it = await startForTest(Strict, { interval: 1, pin: "secret-pin" });
    await expect(it.changeConfig({ interval: 10 })).rejects.toThrow("too slow, and *** is wrong");
    expect(await it.request("interval")).toEqual({ interval: 1 });
    const refusal = "configuration change refused (interval): too slow, and *** is wrong";
    expect({ status: it.status, message: it.message }).toEqual({
      status: "ok",
      message: `Service running; ${refusal}`,
    });
    // Whatever else it says meanwhile.
    it.service.monitor.setStatus("busy", "at work");
    expect({ status: it.status, message: it.message }).toEqual({ status: "busy", message: `at work; ${refusal}` });
    it.service.monitor.setStatus("error", "no star");
    expect(it.message).toBe("no star");
    it.service.monitor.setStatus("ok");
    expect(it.message).toBe(refusal);
    await it.changeConfig({ interval: 3 });
    expect(it.message).toBeUndefined();
    expect(it.logs.map(({ message }) => message).join("\n")).not.toContain("secret-pin");
  });

  test("without onConfigChange has the values in place", async () => {
    await using it = await startForTest(Deaf, { interval: 1 });
    await it.changeConfig({ interval: 2 });
    expect(it.service.config.interval).toBe(2);
    await it.logged("configuration changed in place: interval 1 -> 2");
  });

  test("is not asked about values that do not fit its schema", async () => {
    await using it = await startForTest(Told, { interval: 1 });
    await expect(it.changeConfig({ interval: -1 })).rejects.toThrow("interval: given -1, expected a positive number");
    await expect(it.changeConfig({ intervall: 1 })).rejects.toThrow("intervall: given an unknown field");
    expect(it.service.heard).toEqual([]);
    // And they are forgotten.
    await it.changeConfig({ interval: 2 });
    expect(it.service.config.interval).toBe(2);
  });

  test("takes changes one after the other", async () => {
    await using it = await startForTest(Strict, { interval: 1 });
    await Promise.all([2, 3, 4, 5].map((interval) => it.changeConfig({ interval })));
    const told = it.logs.map(({ message }) => message).filter((text) => text.startsWith("configuration changed"));
    expect(told).toEqual(
      ["1 -> 2", "2 -> 3", "3 -> 4", "4 -> 5"].map((step) => `configuration changed: interval ${step}`),
    );
  });

  test("that has ended cannot be changed", async () => {
    const it = await startForTest(Told);
    await it.stop();
    await expect(it.changeConfig({ interval: 2 })).rejects.toThrow("it is stopped");
  });
});

describe("what differs", () => {
  const difference = (before: object, after: object) => configDifference(Config, before, after);

  test("is told field by field, down to what is no mapping", () => {
    expect(
      difference({ interval: 1, limits: { max: 1, min: 0 } }, { interval: 2, limits: { max: 7, min: 0 } }),
    ).toMatchObject({
      keys: ["interval", "limits"],
      words: "interval 1 -> 2, limits.max 1 -> 7",
    });
    expect(difference({ targets: ["a"] }, { targets: ["a", "b"] })?.words).toBe("targets a list of 1 -> a list of 2");
    expect(difference({}, { interval: 2 })?.words).toBe("interval nothing -> 2");
    expect(difference({ interval: 2 }, { interval: 2 })).toBeUndefined();
  });

  test("shows no secret: neither by schema, nor by name, nor inside another field", () => {
    expect(difference({ pin: "12" }, { pin: "34" })?.words).toBe("pin *** -> ***");
    expect(difference({ apiToken: "ab" }, { apiToken: "cd" })?.words).toBe("apiToken *** -> ***");
    expect(difference({ db: { password: "a" } }, { db: { password: "b" } })?.words).toBe("db.password *** -> ***");
    const found = difference({ pin: "hunter22", url: "x" }, { pin: "hunter22", url: "http://hunter22/" });
    expect(found?.words).toBe('url "x" -> "http://***/"');
    expect(found?.mask("not hunter22")).toBe("not ***");
  });

  test("is counted when it is much", () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, i]));
    expect(difference({}, many)?.words).toEndWith("f7 nothing -> 7, 12 more");
  });
});
