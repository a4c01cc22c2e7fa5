// Entry of a process that is one service under systemd: what its launcher wrote down, run without the launcher.
import { stderrSink } from "../common/log-line.ts";
import { reportFailure } from "../common/report-failure.ts";
import { ServiceLoader } from "../host/loader.ts";
import { runStandalone } from "../host/standalone.ts";
import { forgetStop, noteStop, readUnitOrder } from "../launcher/systemd/unit-order.ts";
import { hostModules } from "./modules.ts";

/** Runs the service that a file describes, to its end. It ends the process itself. @throws UnitOrderError */
export async function runUnit(orderFile: string): Promise<never> {
  const { row, fleet, ...unit } = readUnitOrder(orderFile);
  forgetStop(orderFile);
  process.once("SIGTERM", () => noteStop(orderFile));
  const code = await runStandalone({
    row,
    fleet: { ...fleet, services: [row] },
    loader: new ServiceLoader(hostModules),
    log: stderrSink(),
    env: process.env,
    unit,
  }).catch(reportFailure);
  // A service may have left timers or sockets behind: its end is the end of the process.
  process.exit(code);
}
