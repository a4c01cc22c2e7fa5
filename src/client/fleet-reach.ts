// Who answers: every launcher that is known is asked what it runs.
import type { NatsConnection } from "nats";
import type { Json, JsonObject } from "../common/json.ts";
import { dottedFault } from "../common/names.ts";
import { askRpc, RpcMessageError, RpcNoResponderError, RpcRefusedError, RpcTimeoutError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { fromWireTimestamp } from "../messaging/timestamp.ts";
import { object } from "./facts.ts";
import type { HeldBy, ServiceInfo } from "./service-info.ts";

/** A service as its launcher lists it. */
export interface ListedService {
  serviceId: string;
  status: string;
  /** `running`, `stopped`, `restarting` ...; absent from launchers that do not tell. */
  state?: string | undefined;
  pid?: number | undefined;
  message?: string | undefined;
  home?: string | undefined;
  heldBy?: HeldBy | undefined;
  /** How often, since the launcher runs; absent from launchers that do not tell. */
  starts?: number | undefined;
  restarts?: number | undefined;
  crashes?: number | undefined;
}

/** A launcher, and what came of asking it. */
export interface ReachedLauncher {
  /** Its monitor's name. */
  name: string;
  /** What the streams know of it. */
  info?: ServiceInfo | undefined;
  hostname?: string | undefined;
  /** How long its services may take to stop, milliseconds. */
  terminateDelayMs?: number | undefined;
  /** `answers`; `silent`: somebody listens there, and has not told what it has (yet); `absent`: nobody listens. */
  reach: "answers" | "silent" | "absent";
  services: ListedService[];
}

/** How long launchers may take to answer, milliseconds: a frozen one must not hold everybody up. */
const LIST_LIMIT_MS = 500;

/**
 * Asks all launchers that anything is known of. Never rejects for what they do.
 * @throws PermissionDeniedError, BrokerUnreachableError
 */
export async function reachLaunchers(
  connection: NatsConnection,
  services: readonly ServiceInfo[],
  prefix: string,
  limitMs = LIST_LIMIT_MS,
): Promise<ReachedLauncher[]> {
  const infos = new Map(services.map((info) => [info.serviceId, info]));
  const names = new Set<string>();
  for (const info of services) {
    if (info.kind === "launcher") names.add(info.serviceId);
    else if (info.declared && !info.removed && info.parent !== undefined) names.add(info.parent);
  }
  // What others write into `parent` must not become a subject that breaks the connection.
  for (const name of names) if (dottedFault(name)) names.delete(name);
  const subjects = new Subjects(prefix);
  return await Promise.all(
    [...names].sort().map(async (name): Promise<ReachedLauncher> => {
      const known = { name, info: infos.get(name) };
      try {
        const answer = await askRpc(connection, subjects.rpc(name, "list"), {}, { limitMs });
        return { ...known, ...readList(answer), reach: "answers" };
      } catch (error) {
        if (error instanceof RpcNoResponderError) return { ...known, reach: "absent", services: [] };
        if (error instanceof RpcTimeoutError) return { ...known, reach: expected(known.info), services: [] };
        // It is busy, or a program of another kind: it is there, and what it has it does not tell.
        const isOdd = error instanceof RpcRefusedError || error instanceof RpcMessageError;
        if (isOdd) return { ...known, reach: "silent", services: [] };
        throw error;
      }
    }),
  );
}

/** Whoever listens to all of a fleet, as a dashboard does, hides that nobody else listens: heartbeats tell. */
function expected(info: ServiceInfo | undefined): "silent" | "absent" {
  return info?.running && info.heartbeatState !== "dead" ? "silent" : "absent";
}

/** A service that its launcher lists, though another has it. */
function isElsewhere({ state }: ListedService): boolean {
  return state === "standby" || state === "elsewhere";
}

/**
 * The launchers that a service belongs to: those that list it and do not say that another has it, else those that could
 * have it, else the one that was last heard to have it.
 */
export function launchersOf(
  serviceId: string,
  launchers: readonly ReachedLauncher[],
  info?: ServiceInfo,
): ReachedLauncher[] {
  const listing = (isMeant: (service: ListedService) => boolean) =>
    launchers.filter(({ services }) => services.some((service) => service.serviceId === serviceId && isMeant(service)));
  const owners = listing((service) => !isElsewhere(service));
  const listed = owners.length > 0 ? owners : listing(() => true);
  // One that has not answered in time may have it too: the streams tell.
  const last = launchers.find(({ name, reach }) => name === info?.parent && reach !== "answers");
  return last && (listed.length === 0 || last.reach === "silent") ? [...listed, last] : listed;
}

function readList(answer: JsonObject): Pick<ReachedLauncher, "hostname" | "terminateDelayMs" | "services"> {
  const { hostname, terminate_delay_seconds: delay, services } = answer;
  return {
    hostname: text(hostname),
    terminateDelayMs: typeof delay === "number" ? delay * 1000 : undefined,
    services: Array.isArray(services) ? services.flatMap(readListed) : [],
  };
}

function readListed(value: Json): ListedService[] {
  const entry = object(value);
  const serviceId = text(entry?.service_id);
  if (!entry || serviceId === undefined || dottedFault(serviceId)) return [];
  const held = entry.target === "stopped";
  return [
    {
      serviceId,
      status: text(entry.status) ?? "unknown",
      state: text(entry.state),
      pid: typeof entry.pid === "number" ? entry.pid : undefined,
      message: text(entry.message),
      home: text(entry.home),
      starts: count(entry.starts),
      restarts: count(entry.restarts),
      crashes: count(entry.crashes),
      heldBy: held
        ? { by: text(entry.set_by) ?? "unknown", at: fromWireTimestamp(entry.set_at), reason: text(entry.set_reason) }
        : undefined,
    },
  ];
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
