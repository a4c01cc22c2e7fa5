// Asking an owner to let go: the request, and how it is read at the other end.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../../common/json.ts";
import { decode, encode, MetaSource } from "../../messaging/envelope.ts";
import type { Subjects } from "../../messaging/subjects.ts";
import type { Party } from "./place.ts";
import { partyData, readParty } from "./records.ts";

/** The command of a launcher that lets go of a service: `<p>.rpc.<launcher>.v1.release.<service id>`. */
export function releaseCommand(serviceId: string): string {
  return `release.${serviceId}`;
}

/** Who asked for a service, and gets it when it is released. */
export interface Successor extends Party {
  session: string;
  leaseMs: number;
}

/** `silent`: nobody answers there; its lease may still run. */
export type Asked = { kind: "released" | "silent" } | { kind: "refused"; message: string };

/** Asks a launcher to stop a service and release it. Resolves when it has, or will not. Never rejects. */
export async function askToRelease(
  connection: NatsConnection,
  subjects: Subjects,
  owner: string,
  serviceId: string,
  successor: Successor,
  limitMs: number,
): Promise<Asked> {
  const { session, leaseMs, ...party } = successor;
  const data = { service_id: serviceId, successor: { ...partyData(party), session, lease_seconds: leaseMs / 1000 } };
  const payload = encode({ data, meta: new MetaSource().next("rpc") });
  try {
    const subject = subjects.rpc(owner, releaseCommand(serviceId));
    const answer = decode((await connection.request(subject, payload, { timeout: limitMs })).data);
    if (answer.ok && answer.meta.status !== "error") return { kind: "released" };
    const why = answer.ok ? (answer.meta.error ?? "an error without words") : answer.fault;
    return { kind: "refused", message: `${owner} does not release ${serviceId}: ${why}` };
  } catch {
    // Nobody listens, or the broker went away: its lease tells what becomes of it.
    return { kind: "silent" };
  }
}

/** Reads `data` of such a request: whom to give the service to, if it says so. */
export function readSuccessor(data: JsonObject | undefined): Successor | undefined {
  const successor = data?.successor;
  if (typeof successor !== "object" || successor === null || Array.isArray(successor)) return undefined;
  const party = readParty(successor);
  const { session, lease_seconds: seconds } = successor;
  if (!party || typeof session !== "string" || typeof seconds !== "number" || !(seconds > 0)) return undefined;
  return { ...party, session, leaseMs: seconds * 1000 };
}
