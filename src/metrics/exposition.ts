// A fleet in the words of Prometheus. Everything is set anew for each reading: who has gone leaves no series behind.
import { Counter, Gauge, Registry } from "prom-client";
import type { ListedService, ServiceInfo } from "../client/index.ts";
import { VERSION } from "../common/version.ts";
import type { FleetView } from "./fleet-view.ts";
import { numbersIn } from "./numbers.ts";

const SERVICE = ["service_id", "type", "variant", "launcher", "host"] as const;
const LAUNCHER = ["launcher", "host"] as const;

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** The text that Prometheus reads. */
export async function exposition(view: FleetView): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });

  gauge("tcs_build_info", "The tcs that tells this", ["version"]).set({ version: VERSION }, 1);
  gauge("tcs_broker_up", "Whether the NATS broker could be read", []).set(view.isBrokerUp ? 1 : 0);
  gauge("tcs_read_duration_seconds", "How long it took to read the fleet", []).set(view.readMs / 1000);
  gauge("tcs_unreadable_messages", "Messages in the streams that could not be read", []).set(view.unreadable);

  const of = {
    status: gauge("tcs_service_status", "The status of a service: 1 for the one it has", [...SERVICE, "status"]),
    healthy: gauge("tcs_service_healthy", "Whether a service is well, or stopped on purpose", SERVICE),
    running: gauge("tcs_service_running", "Whether a service runs", SERVICE),
    age: gauge("tcs_service_heartbeat_age_seconds", "Time since the last heartbeat", SERVICE),
    uptime: gauge("tcs_service_uptime_seconds", "How long a service has been running", SERVICE),
    starts: counter("tcs_service_starts_total", "Starts, since the launcher runs", SERVICE),
    restarts: counter("tcs_service_restarts_total", "Restarts after an end, since the launcher runs", SERVICE),
    crashes: counter("tcs_service_crashes_total", "Crashes, since the launcher runs", SERVICE),
    metric: gauge("tcs_service_metric", "A number that a service tells of itself", [...SERVICE, "metric"]),
  };
  const launcher = {
    status: gauge("tcs_launcher_status", "The status of a launcher: 1 for the one it has", [...LAUNCHER, "status"]),
    answers: gauge("tcs_launcher_answers", "Whether a launcher answers requests", LAUNCHER),
    age: gauge("tcs_launcher_heartbeat_age_seconds", "Time since the last heartbeat of a launcher", LAUNCHER),
    uptime: gauge("tcs_launcher_uptime_seconds", "How long a launcher has been running", LAUNCHER),
    services: gauge("tcs_launcher_services", "Services that a launcher has", LAUNCHER),
  };

  const listed = listings(view);
  for (const info of view.infos) {
    if (info.kind === "launcher") continue;
    const labels = serviceLabels(info);
    of.status.set({ ...labels, status: info.status }, 1);
    of.healthy.set(labels, info.health === "ok" || info.health === "stopped" ? 1 : 0);
    of.running.set(labels, info.running && info.health !== "dead" ? 1 : 0);
    if (info.heartbeatAgeSeconds !== undefined) of.age.set(labels, Math.max(0, info.heartbeatAgeSeconds));
    if (info.uptimeSeconds !== undefined) of.uptime.set(labels, info.uptimeSeconds);
    const { starts, restarts, crashes } = listed.get(info.serviceId) ?? {};
    if (starts !== undefined) of.starts.inc(labels, starts);
    if (restarts !== undefined) of.restarts.inc(labels, restarts);
    if (crashes !== undefined) of.crashes.inc(labels, crashes);
    // The last word of one that has stopped is no measurement.
    if (info.running)
      for (const [metric, value] of numbersIn(info.metrics)) of.metric.set({ ...labels, metric }, value);
  }
  for (const { name, info, hostname, reach, services } of view.launchers) {
    const labels = { launcher: name, host: hostname ?? info?.host ?? "" };
    launcher.answers.set(labels, reach === "answers" ? 1 : 0);
    if (reach === "answers") launcher.services.set(labels, services.length);
    if (!info) continue;
    launcher.status.set({ ...labels, status: info.status }, 1);
    if (info.heartbeatAgeSeconds !== undefined) launcher.age.set(labels, Math.max(0, info.heartbeatAgeSeconds));
    if (info.uptimeSeconds !== undefined) launcher.uptime.set(labels, info.uptimeSeconds);
  }
  return await registry.metrics();
}

/** Each service as the launcher that runs it lists it. */
function listings({ launchers, infos }: FleetView): Map<string, ListedService> {
  const parents = new Map(infos.map(({ serviceId, parent }) => [serviceId, parent]));
  return new Map(
    launchers.flatMap(({ name, services }) =>
      services.filter(({ serviceId }) => parents.get(serviceId) === name).map((one) => [one.serviceId, one] as const),
    ),
  );
}

function serviceLabels({ serviceId, type, variant, parent, host }: ServiceInfo) {
  return { service_id: serviceId, type, variant, launcher: parent ?? "", host: host ?? "" };
}
