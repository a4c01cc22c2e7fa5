import { describe, expect, test } from "bun:test";
import { FakeFleet } from "./fleet.ts";

/** The reason shown for a service with these parts. */
function reason(status: string, message: string | undefined, details: Record<string, unknown>): string | undefined {
  const own = message === undefined ? {} : { message };
  const data = JSON.parse(JSON.stringify({ ...own, details }));
  return new FakeFleet().launcher().healthy("dome.main").status("dome.main", status, 5, data).info("dome.main").reason;
}
const shutter = { name: "shutter", status: "warning", message: "opens slowly" };

describe("who is to blame", () => {
  test("is the part whose status became that of the service, not what the service said of itself", () => {
    const details = { own_status: "idle", children: [{ name: "motor", status: "ok" }, shutter] };
    expect(reason("warning", "No active tasks", details)).toBe("shutter warning: opens slowly");
  });

  test("is the service itself when it says so, whatever its parts say", () => {
    expect(reason("warning", "low disk", { own_status: "warning", children: [shutter] })).toBe("low disk");
  });

  test("is a part of a part, by its path", () => {
    const drive = {
      name: "drive",
      status: "error",
      message: "all is quiet",
      details: { own_status: "ok", children: [{ name: "motor", status: "error", message: "stuck" }] },
    };
    expect(reason("error", "Service running", { own_status: "ok", children: [drive] })).toBe(
      "drive/motor error: stuck",
    );
  });

  test("is a part without a word of its own", () => {
    const details = { own_status: "ok", children: [{ name: "shutter", status: "degraded" }] };
    expect(reason("degraded", undefined, details)).toBe("shutter degraded");
  });

  test("is a part of which nothing is known, when that makes a warning of the whole", () => {
    const details = { own_status: "ok", children: [{ name: "shutter", status: "unknown" }] };
    expect(reason("warning", "Service running", details)).toBe("shutter unknown");
  });

  test("is told with the end of a service that has crashed", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("dome.main", 600, 70)
      .status("dome.main", "failed", 66, {
        message: "Service running",
        details: { own_status: "ok", children: [{ name: "shutter", status: "failed", message: "torn off" }] },
      })
      .event("dome.main", "crashed", 65, { status: "failed", exit_code: 1, will_restart: false });
    expect(fleet.info("dome.main").reason).toBe("shutter failed: torn off (exit 1, not restarted)");
  });
});
