import { describe, expect, test } from "bun:test";
import { ServiceNameError, serviceNames } from "../../src/scaffold/names.ts";

describe("a name becomes a type and a class", () => {
  test.each([
    ["telescope_monitor", "telescope_monitor", "TelescopeMonitor"],
    ["TelescopeMonitor", "telescope_monitor", "TelescopeMonitor"],
    ["telescope-monitor", "telescope_monitor", "TelescopeMonitor"],
    ["telescope--monitor_", "telescope_monitor", "TelescopeMonitor"],
    ["TCSMonitor", "tcs_monitor", "TcsMonitor"],
    ["dome.follower", "dome.follower", "DomeFollower"],
    ["Dome.SlitFollower", "dome.slit_follower", "DomeSlitFollower"],
    ["dome2", "dome2", "Dome2"],
    ["dome.2", "dome.2", "Dome2"],
    ["x", "x", "X"],
    ["a".repeat(64), "a".repeat(64), `A${"a".repeat(63)}`],
  ])("%s", (given, type, className) => {
    expect(serviceNames(given)).toEqual({ type, className });
  });
});

describe("a name that cannot be used is refused with the reason", () => {
  test.each([
    ["", "it is empty"],
    [".dome", "a dot at an end"],
    ["dome.", "a dot at an end"],
    ["dome..follower", "two in a row"],
    ["dome._.x", "a part of it has no letter or digit"],
    ["___", "a part of it has no letter or digit"],
    ["2m_telescope", "starts with a digit"],
    ["class", "reserved word"],
    ["await", "reserved word"],
    ["config", "its class would be Config"],
    ["base_service", "its class would be BaseService"],
    ["promise", "its class would be Promise"],
    ["launcher", "kept for launchers"],
    ["launcher.x", "kept for launchers"],
    ["domes/follower", "path separator"],
    ["..\\dome", "path separator"],
    ["dome follower", "only letters"],
    ["dome*", "only letters"],
    ["dome>", "only letters"],
    ["dôme", "only letters"],
    ["dome\u0000", "only letters"],
    ["dome_test", "taken for a test file"],
    ["dome.spec", "taken for a test file"],
    ["dome.d", "taken for a declaration file"],
    ["a".repeat(65), "65 characters"],
  ])("%j: %s", (given, reason) => {
    expect(() => serviceNames(given)).toThrow(reason);
    expect(() => serviceNames(given)).toThrow(ServiceNameError);
  });

  test("with a name that would do, where there is one", () => {
    const refusal = (given: string) => {
      try {
        return serviceNames(given);
      } catch (error) {
        return error;
      }
    };
    expect(refusal("Dome Follower!")).toMatchObject({ hint: "try dome_follower" });
    expect(refusal("class")).toMatchObject({ hint: "try class_service" });
    expect(refusal("***")).toMatchObject({ hint: undefined });
  });
});
