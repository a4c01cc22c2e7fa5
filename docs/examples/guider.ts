// Health checks, parts, metrics and tasks of a program.
import { createMonitor, MonitoredObject, Status } from "ocabox-tcs/monitoring";

await using monitor = await createMonitor("guider.jk15", { healthcheckInterval: 5, closeOnSignal: true });
monitor.setStatus(Status.OK, "ready");

// A part: the program is as well as its worst one.
const camera = new MonitoredObject("camera");
camera.setStatus(Status.OK, "cooled");
monitor.addSubmonitor(camera);

let rms = 0.4;
monitor.addHealthcheckCb(function guiding() {
  return rms > 1 ? { status: Status.DEGRADED, message: `RMS ${rms}"` } : null;
});

let frames = 0;
// Cheap: with every heartbeat.
monitor.addMetricCb(() => ({ frames, rms_arcsec: rms }));
// Large, or slow to find out: only for who asks.
monitor.addMetricCb(async () => ({ histogram: await histogram() }), { tier: "stats" });

for (const seen of [0.4, 1.7, 0.5]) {
  // Busy at once, idle a second after the last task.
  await monitor.trackTask(async () => {
    frames += 1;
    rms = seen;
  });
  console.log(seen, await monitor.healthcheck());
}

async function histogram(): Promise<number[]> {
  return [10, 150, 200, 35];
}
