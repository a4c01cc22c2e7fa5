import { describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseServiceConfig,
  BaseSingleShotService,
  config,
  ServiceDefinitionError,
  service,
} from "../../src/index.ts";
import { findService } from "../../src/service/discovery.ts";

const Config = BaseServiceConfig.extend({ interval: z.number().default(5) });
const find = (exports: Record<string, unknown>, type = "thing") => findService({ exports, name: "thing.ts", type });

abstract class Loop extends BaseBlockingPermanentService {
  override async runService() {}
}

describe("discovery order", () => {
  @service
  class Bare extends Loop {}
  @service("thing")
  class Named extends Loop {}
  class Plain extends Loop {}
  class Other extends Loop {}

  test("a decorator with the type wins over all", () => {
    expect(find({ Bare, Named, Plain, service_class: Plain }).serviceClass).toBe(Named);
  });
  test("a bare decorator takes its type from the file", () => {
    expect(find({ Bare, Plain, service_class: Plain }).serviceClass).toBe(Bare);
  });
  test("a decorated class need not be exported", () => {
    expect(findService({ exports: {}, name: "f", type: "thing", registeredHere: [Bare] }).serviceClass).toBe(Bare);
  });
  test("service_class and serviceClass come next", () => {
    expect(find({ Plain, Other, service_class: Plain }).serviceClass).toBe(Plain);
    expect(find({ Plain, Other, serviceClass: Other }).serviceClass).toBe(Other);
  });
  test("then the only exported subclass", () => {
    expect(find({ Plain, helper: () => 1, Loop: 3 }).serviceClass).toBe(Plain);
  });
  test("nothing, or too much, is an error that says what is there", () => {
    expect(() => find({})).toThrow("thing.ts has no service in it");
    expect(() => find({ Plain, Other })).toThrow("2 services that could be meant: Plain, Other");
  });
  test("another type in the decorator is named, with the nearest", () => {
    expect(() => find({ Named }, "thimg")).toThrow('registers "thing", but the type asked for is "thimg"');
  });
});

describe("configuration schema", () => {
  @service({ config: Config })
  class Given extends BaseBlockingPermanentService<typeof Config> {
    override async runService() {}
  }
  @service
  @config(Config)
  class Decorated extends BaseBlockingPermanentService<typeof Config> {
    override async runService() {}
  }
  class Plain extends Loop {}

  test("from @service, @config, config_class, the only exported schema, or the base", () => {
    expect(find({ Given }).config).toBe(Config);
    expect(find({ Decorated }).config).toBe(Config);
    expect(find({ Plain, config_class: Config }).config).toBe(Config);
    expect(find({ Plain, ThingConfig: Config }).config).toBe(Config);
    expect(find({ Plain }).config).toBe(BaseServiceConfig);
  });
});

describe("classes that cannot work are refused at registration", () => {
  test("a blocking service that overrides startService or stopService", () => {
    expect(() => {
      @service
      class Wrong extends BaseBlockingPermanentService {
        startService() {}
        override async runService() {}
      }
      return Wrong;
    }).toThrow("Wrong overrides startService, but it is a blocking service: override runService");
  });
  test("a permanent service with runService", () => {
    expect(() => {
      @service
      class Wrong extends BasePermanentService {
        async runService() {}
      }
      return Wrong;
    }).toThrow("override startService and stopService");
  });
  test("a service with the names of the Python framework", () => {
    expect(() => {
      @service
      // @ts-expect-error the compiler refuses it too: runService is abstract
      class Wrong extends BaseBlockingPermanentService {
        on_start() {}
        async run_service() {}
      }
      return Wrong;
    }).toThrow("Wrong has run_service and on_start, which nobody calls");
    expect(() => {
      @service
      class Wrong extends BasePermanentService {
        _start_service() {}
      }
      return Wrong;
    }).toThrow("Wrong has _start_service, which nobody calls");
  });
  test("a single-shot service without execute", () => {
    expect(() => {
      @service
      // @ts-expect-error the compiler refuses it too: execute is abstract
      class Wrong extends BaseSingleShotService {}
      return Wrong;
    }).toThrow("Wrong must override execute");
  });
  test("a class that is no service, and a type that is no NATS token", () => {
    expect(() => service("a b")(Loop as never, {} as never)).toThrow(ServiceDefinitionError);
    // @ts-expect-error the compiler refuses it too
    expect(() => service(class Nothing {}, {} as never)).toThrow("does not extend a service class");
  });
});

test("a service class cannot be created by hand", () => {
  class Plain extends Loop {}
  expect(() => new Plain()).toThrow('Plain cannot be created with "new"');
});
