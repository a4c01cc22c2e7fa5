// A service's unit: what its row says, in systemd's words.
import { expect, test } from "bun:test";
import type { ServiceRow } from "../../../src/config/types.ts";
import { unitPath } from "../../../src/launcher/systemd/unit-path.ts";
import { environmentText, serviceUnitText } from "../../../src/launcher/systemd/unit-text.ts";
import { serviceUnit } from "../../../src/systemd/units/names.ts";

const ROW = {
  id: "dome.main",
  restart: { policy: "on-failure", delayMs: 1500, backoff: 1, maxDelayMs: 300_000, max: 3, windowMs: 60_000 },
  after: ["weather.main", "by_hand.main"],
  watchdogMs: 5000,
} as unknown as ServiceRow; // What the text does not look at may be anything.

function textOf(
  changes: Partial<ServiceRow> = {},
  more: { wantedBy?: string; properties?: Record<string, string> } = {},
) {
  return serviceUnitText({
    row: { ...ROW, ...changes },
    terminateDelayMs: 10_000,
    command: ["/opt/my tcs", "__unit", "/var/lib/100%/dome.main"],
    cwd: "/srv/50%",
    environmentFile: "/var/lib/env",
    configFile: "/etc/tcs.yaml",
    unitIds: new Set(["dome.main", "weather.main"]),
    properties: {},
    ...more,
  }).split("\n");
}

test("restart policy, limits, watchdog and order are systemd's own directives", () => {
  const lines = textOf();
  expect(lines).toContain("Type=notify");
  expect(lines).toContain("Restart=on-failure");
  expect(lines).toContain("RestartSec=1500ms");
  expect(lines).toContain("StartLimitBurst=4");
  expect(lines).toContain("StartLimitIntervalSec=60s");
  expect(lines).toContain("WatchdogSec=5s");
  expect(lines).toContain("WatchdogSignal=SIGKILL");
  expect(lines).toContain("TimeoutStartSec=30s");
  expect(lines).toContain("KillMode=mixed");
  expect(lines).toContain("After=tcs@weather.main.service");
});

test("without a watchdog none is set, and a start may take its time", () => {
  const { watchdogMs: _, ...row } = ROW;
  const lines = serviceUnitTextWithout(row);
  expect(lines).toContain("TimeoutStartSec=infinity");
  expect(lines.filter((line) => line.startsWith("Watchdog"))).toEqual([]);
});

function serviceUnitTextWithout(row: Omit<ServiceRow, "watchdogMs">) {
  return textOf({ ...row, watchdogMs: 0 });
}

test("paths stand for themselves, whatever is in them", () => {
  const lines = textOf();
  expect(lines).toContain('ExecStart="/opt/my tcs" __unit "/var/lib/100%%/dome.main"');
  expect(lines).toContain("WorkingDirectory=/srv/50%%");
});

test("it starts with the machine only where that is wanted, and takes the configuration's directives", () => {
  expect(textOf()).not.toContain("[Install]");
  const lines = textOf({}, { wantedBy: "multi-user.target", properties: { MemoryMax: "200M" } });
  expect(lines).toContain("WantedBy=multi-user.target");
  expect(lines).toContain("MemoryMax=200M");
});

test("an environment is given whole, but for what is the launcher's own", () => {
  const env = {
    B: 'say "$HOME" \\ `x`\nend',
    A: "",
    TCS_RUN: "1-2",
    NOTIFY_SOCKET: "/run/x",
    "BASH_FUNC_x%%": "() {}",
  };
  expect(environmentText(env)).toBe('A=""\nB="say \\"\\$HOME\\" \\\\ \\`x\\`\nend"\n');
});

test("units and their objects have the names that systemd gives them", () => {
  expect(serviceUnit("examples.minimal.main")).toBe("tcs@examples.minimal.main.service");
  expect(serviceUnit("dome.a-b/ä")).toBe("tcs@dome.a\\x2db-\\xc3\\xa4.service");
  expect(unitPath("tcs@dome.main.service")).toBe("/org/freedesktop/systemd1/unit/tcs_40dome_2emain_2eservice");
});
