// What is written in the bucket, and what is read from it: anybody may have put anything there.
import { isJsonObject, type JsonObject } from "../../common/json.ts";
import type { Party } from "./place.ts";
import type { OwnerInfo } from "./types.ts";

/** Entry of a session: a launcher's life. Renewed while it lives. */
export interface SessionRecord extends Party {
  leaseMs: number;
  /** Milliseconds since the epoch, by its own clock. */
  since: number;
  renewed: number;
}

/** Entry of a service: the session it belongs to. Written when it changes hands, not renewed. */
export interface OwnerRecord extends Party {
  session: string;
  leaseMs: number;
  since: number;
  epoch: number;
}

/** A lease of more than this is not believed, milliseconds: nobody could ever take over. */
const LONGEST_LEASE_MS = 3_600_000;
const SHORTEST_LEASE_MS = 500;

export function sessionJson(record: SessionRecord): string {
  const { leaseMs, since, renewed, ...party } = record;
  return JSON.stringify({ ...partyData(party), ...leaseData(leaseMs, since), renewed: iso(renewed) });
}

export function ownerJson(record: OwnerRecord): string {
  const { session, epoch, leaseMs, since, ...party } = record;
  return JSON.stringify({ session, epoch, ...partyData(party), ...leaseData(leaseMs, since) });
}

/** What a released service leaves behind: who will have it next counts on from its epoch. */
export function releasedJson(epoch: number, launcher: string): string {
  return JSON.stringify({ epoch, released_by: launcher });
}

export function parseSession(data: Uint8Array): SessionRecord | undefined {
  const value = parse(data);
  const party = value && readParty(value);
  if (!value || !party) return undefined;
  return { ...party, leaseMs: readLease(value), since: time(value.since), renewed: time(value.renewed) };
}

export function parseOwner(data: Uint8Array): OwnerRecord | undefined {
  const value = parse(data);
  const party = value && readParty(value);
  if (!value || !party || typeof value.session !== "string" || value.session === "") return undefined;
  const { session } = value;
  return { ...party, session, leaseMs: readLease(value), since: time(value.since), epoch: readEpoch(value) };
}

/** The epoch an entry of a service tells, whatever else it is; 0 when it tells none. */
export function epochOf(data: Uint8Array): number {
  return readEpoch(parse(data) ?? {});
}

/** The launcher that has a service by its entry, or has released it. */
export function launcherOf(data: Uint8Array): string | undefined {
  const { launcher, released_by: releasedBy } = parse(data) ?? {};
  const name = launcher ?? releasedBy;
  return typeof name === "string" ? name : undefined;
}

/** The session an entry names, whatever else it is. */
export function sessionOf(data: Uint8Array): string | undefined {
  const session = parse(data)?.session;
  return typeof session === "string" ? session : undefined;
}

export function ownerInfo(owner: Party & { session: string; since?: number }): OwnerInfo {
  const { launcher, host, pid, config, since, session } = owner;
  return { kind: "lease", launcher, host, pid, config, since, session };
}

/** A party as JSON: in entries, and in a request to let go of a service. */
export function partyData({ launcher, host, pid, startTime, place, config }: Party): JsonObject {
  return { launcher, host, pid, start_time: startTime, place, config };
}

export function readParty(value: JsonObject): Party | undefined {
  const { launcher, host, pid, start_time: startTime, place, config } = value;
  if (typeof launcher !== "string" || typeof host !== "string" || !Number.isSafeInteger(pid)) return undefined;
  return {
    launcher,
    host,
    pid: Number(pid),
    startTime: Number.isSafeInteger(startTime) ? Number(startTime) : 0,
    place: typeof place === "string" ? place : "",
    config: typeof config === "string" ? config : "",
  };
}

function leaseData(leaseMs: number, since: number): JsonObject {
  return { lease_seconds: leaseMs / 1000, since: iso(since) };
}

function readLease(value: JsonObject): number {
  const ms = Number(value.lease_seconds) * 1000;
  return Number.isFinite(ms) ? Math.min(LONGEST_LEASE_MS, Math.max(SHORTEST_LEASE_MS, ms)) : LONGEST_LEASE_MS;
}

function readEpoch({ epoch }: JsonObject): number {
  return Number.isSafeInteger(epoch) && Number(epoch) > 0 ? Number(epoch) : 0;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function time(value: unknown): number {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isFinite(ms) ? ms : 0;
}

function parse(data: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Junk: nobody's entry.
    return undefined;
  }
}
