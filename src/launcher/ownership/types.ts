// What ownership is about, in types: who has a service, what a claim gives, whether a start is allowed.
import { launcherWords } from "../../common/launcher-words.ts";

/** Who runs a service, as far as it is known. */
export interface OwnerInfo {
  /**
   * How it is known: `lease` (it holds one), `wire` (it holds none, but is heard: a Python launcher, a service run by
   * hand), `host` (a launcher of this host, told by this host's table).
   */
  kind: "lease" | "wire" | "host";
  /** Monitor name of the launcher; undefined for a service run by hand. */
  launcher?: string | undefined;
  host?: string | undefined;
  pid?: number | undefined;
  /** The configuration file it runs. */
  config?: string | undefined;
  /** Since when, milliseconds since the epoch, by its own clock: for people only. */
  since?: number | undefined;
  /** Its session, to those who speak of leases. */
  session?: string | undefined;
}

/** A service that is ours. */
export interface Lease {
  serviceId: string;
  /** `broker`: no other launcher on that broker has it; `host`: no other launcher of this host has it. */
  scope: "broker" | "host";
  /** Counts the owners of the service: greater than that of every earlier owner. 0 in scope `host`. */
  epoch: number;
  /** Revision of the entry in the bucket. 0 in scope `host`. */
  revision: number;
  /** When it was claimed, milliseconds since the epoch. */
  since: number;
  /** Another launcher had it before this one: what operators wanted of it meanwhile was told there. */
  changedHands: boolean;
}

export type ClaimResult =
  | { ok: true; lease: Lease }
  | { ok: false; reason: "owned"; owner: OwnerInfo; message: string }
  /** Nobody can tell: the broker is away, and was there before in this run. */
  | { ok: false; reason: "no_broker"; message: string };

export interface ClaimOptions {
  /** Wait until it is ours. */
  wait?: boolean;
  /** Ask the present owner to let go, and wait until it does or its lease ends. */
  takeover?: boolean;
  /** Ends the waiting: the claim rejects with its reason. */
  signal?: AbortSignal;
}

/** Whether a service may be started now, and on what ground. */
export type Permission =
  | { ok: true; ground: "lease" | "host" }
  /** `lapsed`: it was ours, but the lease has run out and the broker is away; somebody else may have it by now. */
  | { ok: false; ground: "lapsed" | "not claimed" };

/** An owner in words, as `launcher 7UZhAz on vm (worker), pid 12, /etc/tcs/services.yaml`. */
export function describeOwner({ launcher, host, pid, config }: OwnerInfo): string {
  const who = launcher === undefined ? "a program without a launcher" : (launcherWords(launcher) ?? launcher);
  const where = host === undefined || who.includes(host) ? "" : ` on ${host}`;
  return [who + where, ...(pid === undefined ? [] : [`pid ${pid}`]), ...(config ? [config] : [])].join(", ");
}
