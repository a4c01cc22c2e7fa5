// Services that systemd runs: from a kill to `ok`, beside a unit of the same binary that has no launcher; fifty of them.
import { readFileSync } from "node:fs";
import { childrenOf } from "../support/processes.ts";
import { startUnitFleet, type UnitFleet } from "../support/unit-fleet.ts";
import { waitFor } from "../support/wait.ts";
import { ratioRow, row } from "./table.ts";

/** Far from the start before, so that no limit and no pause of systemd is in the way, milliseconds. */
const APART_MS = 300;
const YAML = `defaults: {launcher: systemd, restart: always, restart_sec: 0}\nservices:\n`;

export async function units(runs: number): Promise<string[][]> {
  return [...(await kills(2 * runs)), ...(await fifty())];
}

async function kills(times: number): Promise<string[][]> {
  await using fleet = await startUnitFleet({ yaml: `${YAML}  - hello_world.main\n` });
  await fleet.launch();
  await startBare(fleet);
  const ours: number[] = [];
  const bare: number[] = [];
  // In turn, so that both have the same machine.
  for (let nth = 0; nth < times; nth++) {
    ours.push(await killToOk(fleet, "tcs@hello_world.main", "hello_world.main"));
    bare.push(await killToOk(fleet, "bare", "hello_world.bare"));
  }
  return [
    row("a service under systemd killed, to its next ok", ours, "ms"),
    row("a bare unit of the same binary killed, to its next ok", bare, "ms"),
    ratioRow("the first to the second", ours, bare),
  ];
}

/** A unit as one would write it by hand. */
async function startBare(fleet: UnitFleet): Promise<void> {
  const { port } = fleet.broker;
  const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
Type=notify
Restart=always
RestartSec=0
Environment=TCS_STATE_DIR=${fleet.folder}/state HOME=/root
WorkingDirectory=${fleet.folder}
ExecStart=${fleet.binary} service hello_world bare.yaml bare
`;
  await fleet.write("bare.yaml", `nats: {port: ${port}}\nservices:\n  - hello_world.bare\n`);
  await fleet.write("bare.service", unit);
  await fleet.systemd.ok(["cp", `${fleet.folder}/bare.service`, "/run/systemd/system/bare.service"]);
  await fleet.systemd.ok(["systemctl", "start", "bare"]);
}

async function killToOk(fleet: UnitFleet, unit: string, id: string): Promise<number> {
  await Bun.sleep(APART_MS);
  const isOk = ({ subject, data }: { subject: string; data: Record<string, unknown> }) =>
    subject === `svc.status.${id}` && data.status === "ok";
  const before = fleet.wire.records.filter(isOk).length;
  const pid = (await fleet.systemd.ok(["systemctl", "show", "--value", "-p", "MainPID", unit])).trim();
  // The moment of the kill, and not of the command that leads to it.
  const script = "date +%s%N; kill -KILL $0";
  const killedAt = Number((await fleet.systemd.ok(["sh", "-c", script, pid])).trim()) / 1e6;
  const ok = await fleet.wire.waitFor("the next ok", isOk, { count: before + 1 });
  return performance.timeOrigin + ok.arrivedMs - killedAt;
}

async function fifty(): Promise<string[][]> {
  const rows = Array.from({ length: 50 }, (_, nth) => `  - hello_world.n${nth}\n`).join("");
  await using fleet = await startUnitFleet({ yaml: YAML + rows });
  const launcher = await fleet.launch();
  const [, seconds = ""] = /after (\d+\.\d+) s/.exec(launcher.log()) ?? [];
  const memory = await waitFor("the launcher's memory", () => pssOf(fleet, launcher.pid));
  return [
    row("50 services as units, to the last ready", [1000 * Number(seconds)], "ms"),
    row("memory of the launcher of 50 units (PSS)", [memory / 1024], "MB"),
  ];
}

/** KiB of a process, as systemd's namespace counts it. */
function pssOf(fleet: UnitFleet, pid: number): number | undefined {
  for (const outer of descendantsOf(fleet.systemd.pid)) {
    const status = readFileSync(`/proc/${outer}/status`, "utf8");
    if (new RegExp(`^NSpid:.*\\s${pid}$`, "m").test(status)) {
      return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${outer}/smaps_rollup`, "utf8"))?.[1]);
    }
  }
  return undefined;
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}
