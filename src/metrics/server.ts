// The page that Prometheus reads: GET /metrics.
import { describeError, TcsError } from "../common/errors.ts";
import { listenFault } from "../common/listen-fault.ts";
import { FleetReader, type FleetReaderOptions } from "./fleet-view.ts";

/** Where metrics are served. */
export interface MetricsAddress {
  port: number;
  /** Default `127.0.0.1`: this host only. */
  host?: string | undefined;
}

export interface MetricsServer {
  /** As `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The port cannot be had.
 * @cause The port for metrics is in use, or the address is not of this host.
 * @remedy Give another one: tcs metrics --port 9465, or metrics: in the configuration.
 * @example cannot serve metrics on 127.0.0.1:9464: another program has this port
 */
export class MetricsPortError extends TcsError {
  override readonly code = "E_METRICS_PORT";
}

/** @throws MetricsPortError */
export async function serveMetrics(
  { port, host = "127.0.0.1" }: MetricsAddress,
  source: FleetReaderOptions,
): Promise<MetricsServer> {
  const reader = new FleetReader(source);
  const { exposition, CONTENT_TYPE } = await import("./exposition.ts");
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      // Not the server's own page about errors. (`development: false` would also let two programs share the port.)
      error: (error) => new Response(`${describeError(error)}\n`, { status: 500 }),
      async fetch(request): Promise<Response> {
        const { pathname } = new URL(request.url);
        if (request.method !== "GET" && request.method !== "HEAD") return new Response("GET only\n", { status: 405 });
        if (pathname !== "/metrics") return new Response("see /metrics\n", { status: pathname === "/" ? 200 : 404 });
        return new Response(await exposition(await reader.view()), { headers: { "Content-Type": CONTENT_TYPE } });
      },
    });
    return { url: new URL("/metrics", server.url).href, stop: () => server.stop(true) };
  } catch (cause) {
    const { why, hint } = listenFault(cause);
    throw new MetricsPortError(`cannot serve metrics on ${host}:${port}: ${why}`, { cause, hint });
  }
}
