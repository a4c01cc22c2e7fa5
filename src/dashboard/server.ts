// The dashboard's server: one page from inside the executable, a line to each that looks, and orders from those who may.
import type { Server } from "bun";
import type { NatsConnection } from "nats";
import type { ServiceControlClient } from "../client/index.ts";
import { describeError, TcsError } from "../common/errors.ts";
import { listenFault } from "../common/listen-fault.ts";
import { Access } from "./access.ts";
import type { FleetFeed } from "./fleet-feed.ts";
import { LARGEST_ORDER, obey } from "./orders.ts";
import { PAGE_FILES } from "./page-files.ts";
import { PageViewer } from "./viewer.ts";

export interface ServerOptions {
  /** Address to listen on. */
  hostname: string;
  port: number;
  token: string;
  readOnly: boolean;
  prefix: string;
  /** Who gives the orders of the page: `dashboard/ann@vm`. */
  by: string;
  feed: FleetFeed;
  /** Undefined while there is no broker. */
  connection: () => NatsConnection | undefined;
  client: () => ServiceControlClient | undefined;
}

export interface DashboardServer {
  /** Pages look at the broker again: it has come back. */
  resume(): void;
  stop(): Promise<void>;
}

/**
 * The address cannot be had.
 * @cause The port or the address of the dashboard cannot be had: another program has it, it is not of this host, or
 *   it takes root.
 * @remedy Give another one: tcs dashboard --port 8421 --listen 127.0.0.1.
 * @example cannot serve the dashboard on 127.0.0.1 port 8420: another program has this port
 */
export class DashboardAddressError extends TcsError {
  override readonly code = "E_DASHBOARD_ADDRESS";
}

/** Nothing of this page comes from elsewhere, and nobody may show it in a frame. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

/** Pages at the same time. */
const MOST_VIEWERS = 200;
/** Bytes that may wait for a page before it is disconnected: a fleet of 10,000 is about 5 MB. */
const MOST_WAITING = 32 * 2 ** 20;

interface Line {
  viewer?: PageViewer;
}

/** @throws DashboardAddressError when it cannot listen there */
export function serveDashboard(options: ServerOptions): DashboardServer {
  const { hostname, port, token, readOnly, feed, prefix, connection } = options;
  const access = new Access({ hostname, token, readOnly });
  const viewers = new Set<PageViewer>();
  try {
    const server = Bun.serve({
      hostname,
      port,
      // An order may take as long as a service takes to stop.
      idleTimeout: 0,
      maxRequestBodySize: LARGEST_ORDER,
      fetch: async (request, self): Promise<Response | undefined> => {
        const refused = access.refuse(request);
        if (refused) return text(refused.status, refused.text);
        if (new URL(request.url).pathname !== "/api/line") return await answer(request, access, options);
        if (viewers.size >= MOST_VIEWERS) return text(503, `${MOST_VIEWERS} pages look already`);
        return upgrade(self, request) ? undefined : text(426, "a WebSocket only");
      },
      // Not the server's own page about errors. (`development: false` would also let two programs share the port.)
      error: (error) => text(500, describeError(error)),
      websocket: {
        data: {} as Line,
        maxPayloadLength: LARGEST_ORDER,
        backpressureLimit: MOST_WAITING,
        closeOnBackpressureLimit: true,
        open(socket) {
          const viewer = new PageViewer(socket, { access, feed, prefix, connection });
          socket.data.viewer = viewer;
          viewers.add(viewer);
        },
        message: (socket, message) => socket.data.viewer?.hear(message),
        close({ data: { viewer } }) {
          if (!viewer) return;
          viewers.delete(viewer);
          viewer.leave();
        },
      },
    });
    return {
      resume() {
        for (const viewer of viewers) viewer.resume();
      },
      stop: () => server.stop(true),
    };
  } catch (cause) {
    throw addressError(hostname, port, cause);
  }
}

function upgrade(server: Server<Line>, request: Request): boolean {
  return server.upgrade(request, { data: {} });
}

function addressError(hostname: string, port: number, cause: unknown): DashboardAddressError {
  const { why, hint } = listenFault(cause);
  return new DashboardAddressError(`cannot serve the dashboard on ${hostname} port ${port}: ${why}`, { cause, hint });
}

async function answer(request: Request, access: Access, options: ServerOptions): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/api/order") return await takeOrder(request, access, options);
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "only GET here");
  // Of the fleet there is nothing in them: they need no token.
  const file = PAGE_FILES.get(pathname);
  if (!file) return text(404, "nothing here");
  return new Response(file.text, { headers: { ...HEADERS, "content-type": file.type } });
}

async function takeOrder(request: Request, access: Access, { client, by }: ServerOptions): Promise<Response> {
  if (request.method !== "POST") return json(405, "only POST here");
  const refused = access.refuseOrder(request);
  if (refused) return json(refused.status, refused.text);
  const body = await readBody(request);
  const follower = client();
  if (follower?.followState !== "live") return json(503, "the broker is away: nothing was done");
  const { status, text: words } = await obey(follower, by, body);
  return json(status, words);
}

/** Undefined for what is no JSON. */
async function readBody(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    // Not of our page: told as no order.
    return undefined;
  }
}

function text(status: number, words: string): Response {
  return new Response(`${words}\n`, { status, headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" } });
}

function json(status: number, words: string): Response {
  return Response.json({ text: words }, { status, headers: HEADERS });
}
