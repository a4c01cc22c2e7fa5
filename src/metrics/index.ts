// A fleet's metrics for Prometheus.
export { FleetReader, type FleetReaderOptions, type FleetView } from "./fleet-view.ts";
export { type MetricsAddress, MetricsPortError, type MetricsServer, serveMetrics } from "./server.ts";
