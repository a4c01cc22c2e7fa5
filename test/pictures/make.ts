// Makes the pictures of the README from a fleet that runs: docs/images/status.svg and docs/images/dashboard.png.
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { startBrowser } from "../support/browser.ts";
import { runFleet, type TestFleet } from "../support/fleet.ts";
import { freePort } from "../support/ports.ts";
import { openTerminal } from "../support/tmux.ts";
import { terminalSvg } from "./terminal-svg.ts";

const IMAGES = join(import.meta.dir, "../../docs/images");
const SERVICES = join(import.meta.dir, "services");
const COLUMNS = 100;

/** What the dashboard is let watch before its picture: the lines of its numbers grow with it. */
const WATCHED_MS = 90_000;

await using fleet = await startFleet();
await killCamera(fleet);
await pictureDashboard(fleet);
await pictureStatus(fleet);

async function startFleet(): Promise<TestFleet> {
  const files: Record<string, string> = {};
  for (const name of ["guider.ts", "weather.ts", "plan_runner.ts"]) {
    files[name] = await Bun.file(join(SERVICES, name)).text();
  }
  const started = await runFleet({ yaml: await Bun.file(join(SERVICES, "services.yaml")).text(), files });
  await started.tcs.waitForLine(/7 of 7 services running/);
  return started;
}

/** A night without trouble would not show what an operator looks for. */
async function killCamera({ broker, wire }: TestFleet): Promise<void> {
  const { stdout } = await runTcs(["status", "camera", "--detailed", "--host", broker.url]);
  const pid = Number(stdout.match(/^ {4}PID: *(\d+)/m)?.[1]);
  if (!(pid > 0)) throw new Error(`no PID of the camera in:\n${stdout}`);
  process.kill(pid, "SIGKILL");
  await wire.waitForEvent("crashed", "camera.zb08");
}

async function pictureDashboard({ broker }: TestFleet): Promise<void> {
  const port = await freePort();
  await using tcs = spawnTcs(["dashboard", "--port", `${port}`, "--host", broker.url]);
  const address = await tcs.waitForLine(/^http:\S+/m);
  await using browser = await startBrowser();
  await using opened = await browser.open(address[0], { viewport: { width: 1400, height: 780 } });
  await opened.page.locator('tr[data-key="guider.jk15"]').click();
  await Bun.sleep(WATCHED_MS);
  await opened.page.screenshot({ path: join(IMAGES, "dashboard.png") });
}

async function pictureStatus({ broker }: TestFleet): Promise<void> {
  // Its end is the end of the screen, without a prompt after it.
  const command = ["sh", "-c", `tcs status --host ${broker.url}; sleep 60`];
  await using terminal = await openTerminal({ columns: COLUMNS, rows: 24, command });
  await terminal.shows(/Overall/);
  await terminal.shows(/weather/);
  const lines = (await terminal.colours()).trimEnd().split("\n");
  await Bun.write(join(IMAGES, "status.svg"), terminalSvg(["$ tcs status", ...lines], COLUMNS, "tcs status"));
}
