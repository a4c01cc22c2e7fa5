// Which host a service runs in: its own, its group's, or the launcher's loop.
import { TcsError } from "../common/errors.ts";
import type { NatsSettings, ServiceHome, ServiceRow } from "../config/types.ts";
import type { FromHost, ServiceSpec } from "../host/protocol.ts";
import type { HostEnd, HostHandle, StartHost } from "./homes/home.ts";

/** A runner's place in a host. */
export interface HostLease {
  readonly host: HostHandle;
  /** Only this service lives there: ending the host harms nobody else. */
  readonly dedicated: boolean;
  /** When the host was last heard, monotonic milliseconds; undefined before it is up. */
  lastHeardMs(): number | undefined;
  /** Gives the place back. `lingering`: the service's code still runs there. */
  release(lingering: boolean): void;
}

export interface LeaseListener {
  onMessage(message: FromHost): void;
  /** The host has ended, with everything in it. */
  onEnd(end: HostEnd): void;
}

interface PooledHost {
  handle: HostHandle;
  dedicated: boolean;
  pid: number | undefined;
  tenants: Map<string, LeaseListener>;
  lastHeardMs: number | undefined;
  /** Services that were given up but whose code still runs in it. */
  lingering: Set<string>;
  /** What it logged and has not been told of, as it counts it. */
  unheard: number;
}

/** A fraction of what a host may have on its way. */
const HEARD_AT_ONCE = 64 * 1024;

export interface HostPoolOptions {
  homes: Record<ServiceHome, StartHost>;
  /** The broker that services may connect to. */
  nats?: NatsSettings | undefined;
  /** Messages that concern no single service: logs and reports. */
  onMessage: (message: FromHost) => void;
}

/**
 * A service shares the launcher's event loop with an earlier run of itself that never ended.
 * @cause A service that shares the launcher's event loop cannot be started: its last run never ended.
 * @remedy Restart the launcher, and give the service a home of its own (launcher: worker).
 * @example an earlier run of dome.main never ended, and it shares the launcher's event loop
 */
export class RunNotEndedError extends TcsError {
  override readonly code = "E_RUN_NOT_ENDED";
}

export class HostPool {
  readonly #options: HostPoolOptions;
  /** Hosts that take tenants, by key. */
  readonly #hosts = new Map<string, PooledHost>();
  /** Every host that has not ended, but for the launcher's own loop. */
  readonly #alive = new Set<HostHandle>();

  constructor(options: HostPoolOptions) {
    this.#options = options;
  }

  /**
   * A place for `row`; its host is started if need be. `listener` hears an `up` even when the host is up already.
   * @param spec what a host of its own may begin with
   * @throws RunNotEndedError when the loop of the launcher still runs an earlier instance of the service
   */
  lease(row: ServiceRow, listener: LeaseListener, spec?: ServiceSpec): HostLease {
    const key = hostKey(row);
    const host = this.#hosts.get(key) ?? this.#startHost(key, row, spec);
    if (host.lingering.has(row.id)) {
      throw new RunNotEndedError(`an earlier run of ${row.id} never ended, and it shares the launcher's event loop`, {
        hint: "restart the launcher, or give the service a home of its own (launcher: worker)",
      });
    }
    host.tenants.set(row.id, listener);
    const { pid } = host;
    if (pid !== undefined) queueMicrotask(() => listener.onMessage({ kind: "up", pid }));
    return {
      host: host.handle,
      dedicated: host.dedicated,
      lastHeardMs: host.handle.lastHeardMs ?? (() => host.lastHeardMs),
      release: (lingering) => this.#release(key, host, row.id, lingering),
    };
  }

  /** Ends every host at once. */
  killAll(): void {
    for (const handle of this.#alive) handle.kill();
  }

  /** Resolves when every host that was told to end has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#alive].map((handle) => handle.ended));
  }

  #startHost(key: string, row: ServiceRow, spec: ServiceSpec | undefined): PooledHost {
    const dedicated = isDedicated(row);
    const { nats } = this.#options;
    const tenants: PooledHost["tenants"] = new Map();
    const handle = this.#options.homes[row.home]({
      name: row.group ?? row.id,
      settings: { shared: !dedicated, ...(nats ? { nats } : {}) },
      ...(dedicated && spec ? { spec, row } : {}),
      onMessage: (message) => this.#route(host, message),
    });
    const host: PooledHost = {
      handle,
      dedicated,
      pid: undefined,
      tenants,
      lastHeardMs: undefined,
      lingering: new Set(),
      unheard: 0,
    };
    this.#hosts.set(key, host);
    if (handle.killable) this.#alive.add(handle);
    void handle.ended.then((end) => {
      this.#alive.delete(handle);
      if (this.#hosts.get(key) === host) this.#hosts.delete(key);
      for (const listener of tenants.values()) listener.onEnd(end);
    });
    return host;
  }

  #route(host: PooledHost, message: FromHost): void {
    host.lastHeardMs = performance.now();
    switch (message.kind) {
      case "up":
        host.pid = message.pid;
        for (const listener of host.tenants.values()) listener.onMessage(message);
        return;
      case "status":
      case "started":
      case "exited":
      case "configured":
      case "rpc-begun":
      case "rpc-reply":
        host.tenants.get(message.id)?.onMessage(message);
        return;
      case "log":
        this.#options.onMessage(message);
        this.#heard(host, message.size ?? 0);
        return;
      case "secrets":
      case "event":
      case "beat":
      case "alive":
      case "checking":
      case "checked":
      case "described":
        this.#options.onMessage(message);
        return;
      default:
        message satisfies never;
    }
  }

  /** Tells a host now and then how much of its log was taken. */
  #heard(host: PooledHost, size: number): void {
    host.unheard += size;
    if (host.unheard < HEARD_AT_ONCE) return;
    host.handle.send({ kind: "heard", size: host.unheard });
    host.unheard = 0;
  }

  #release(key: string, host: PooledHost, id: string, lingering: boolean): void {
    host.tenants.delete(id);
    if (lingering) host.lingering.add(id);
    if (!host.handle.killable) return;
    // A dedicated host serves one life of its service, and a host with leftovers takes no new tenant.
    const spent = host.dedicated || host.lingering.size > 0 || host.tenants.size === 0;
    if (spent && this.#hosts.get(key) === host) this.#hosts.delete(key);
    if (host.tenants.size > 0) return;
    if (host.lingering.size > 0) host.handle.kill();
    else host.handle.end();
  }
}

function isDedicated(row: ServiceRow): boolean {
  return row.home !== "inline" && row.group === undefined;
}

function hostKey(row: ServiceRow): string {
  if (row.home === "inline") return "inline";
  return row.group === undefined ? `${row.home}:service:${row.id}` : `${row.home}:group:${row.group}`;
}
