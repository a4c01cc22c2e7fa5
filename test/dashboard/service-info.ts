// A service as the client knows it, with what a test wants of it.
import type { ServiceInfo } from "../../src/client/index.ts";

export function serviceInfo(serviceId: string, more: Partial<ServiceInfo> = {}): ServiceInfo {
  return {
    serviceId,
    type: serviceId.split(".")[0] ?? "",
    variant: "main",
    kind: "service",
    status: "ok",
    reportedStatus: "ok",
    health: "ok",
    heartbeatState: "alive",
    declared: true,
    ephemeral: false,
    removed: false,
    fresh: true,
    running: true,
    zombie: false,
    current: true,
    children: [],
    metrics: {},
    ...more,
  };
}
