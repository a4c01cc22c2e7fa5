// The memory of a fleet: the last message of each subject, exactly what a snapshot gives and what following keeps up.
import type { RegistryEvent } from "../messaging/subjects.ts";
import {
  type FoldCounts,
  type HeartbeatFact,
  heartbeatFact,
  noCounts,
  object,
  parseSubject,
  type RegistryFact,
  registryFact,
  type StatusFact,
  type Subject,
  statusFact,
  type WireMessage,
} from "./facts.ts";
import type { Gap } from "./gaps.ts";

/** All that was last said about one id. */
export interface ServiceRecord {
  readonly id: string;
  readonly events: Map<RegistryEvent, RegistryFact>;
  status?: StatusFact;
  heartbeat?: HeartbeatFact;
}

/** More ids than this are no fleet: somebody makes up names. */
const MOST_RECORDS = 100_000;

export interface FleetState {
  /** Subject prefix of the fleet. */
  readonly prefix: string;
  readonly records: Map<string, ServiceRecord>;
  /** Names that registry events call `parent`: launchers. */
  readonly launchers: Set<string>;
  /** When each launcher last declared anything, milliseconds since the epoch. */
  readonly lastDeclared: Map<string, number>;
  /** When nobody listened to the fleet, latest last. */
  gaps: readonly Gap[];
  readonly counts: FoldCounts;
}

export function createFleetState(prefix = "svc"): FleetState {
  return { prefix, records: new Map(), launchers: new Set(), lastDeclared: new Map(), gaps: [], counts: noCounts() };
}

/**
 * Takes one message of any of the three streams into the state. An older message of a subject than the one known
 * (a re-read after a reconnect) changes nothing. Never throws.
 * @returns the id that changed, or undefined
 */
export function applyMessage(state: FleetState, message: WireMessage): string | undefined {
  const subject = parseSubject(state.prefix, message.subject);
  const data = object(message.data);
  if (!subject || !data) {
    state.counts.junk++;
    return undefined;
  }
  let record = state.records.get(subject.id);
  if (!record) {
    if (state.records.size >= MOST_RECORDS) {
      state.counts.junk++;
      return undefined;
    }
    record = { id: subject.id, events: new Map() };
    state.records.set(subject.id, record);
  }
  state.counts.messages++;
  switch (subject.stream) {
    case "registry": {
      if (isOld(record.events.get(subject.event), message)) return undefined;
      const fact = registryFact(subject.event, data, message, state.counts);
      record.events.set(subject.event, fact);
      noteLauncher(state, fact);
      return subject.id;
    }
    case "status":
      if (isOld(record.status, message)) return undefined;
      record.status = statusFact(data, message, state.counts);
      return subject.id;
    case "heartbeat":
      if (isOld(record.heartbeat, message)) return undefined;
      record.heartbeat = heartbeatFact(data, message, state.counts);
      return subject.id;
    default:
      return subject satisfies never;
  }
}

function noteLauncher(state: FleetState, { parent, event, at }: RegistryFact): void {
  if (parent === undefined) return;
  state.launchers.add(parent);
  if (event === "declared") state.lastDeclared.set(parent, Math.max(at, state.lastDeclared.get(parent) ?? 0));
}

/** A stream that was deleted and made anew counts from 1 again: then only the time tells that a message is newer. */
function isOld(known: { seq: number; arrived: number } | undefined, message: WireMessage): boolean {
  return known !== undefined && message.seq <= known.seq && message.time <= known.arrived;
}

/**
 * Forgets what a stream has no more, as a fresh reading would: it was deleted, or outlived its limits. Heartbeats are
 * only forgotten when they are old: a stream of them that was lost says nothing about those who go on beating.
 * @param held the subjects that the stream has
 * @param before heartbeats stored before this, milliseconds since the epoch, may be forgotten
 * @returns the ids of which something was forgotten; those of which nothing is left are no longer in the state
 */
export function forgetMissing(
  state: FleetState,
  stream: Subject["stream"],
  held: ReadonlySet<string>,
  before: number,
): string[] {
  const changed: string[] = [];
  const has = (rest: string) => held.has(`${state.prefix}.${stream}.${rest}`);
  for (const record of state.records.values()) {
    const { id, events, status, heartbeat } = record;
    const size = events.size;
    let isChanged = false;
    if (stream === "registry") {
      for (const event of [...events.keys()]) if (!has(`${event}.${id}`)) events.delete(event);
      isChanged = events.size !== size;
    } else if (stream === "status" && status && !has(id)) {
      delete record.status;
      isChanged = true;
    } else if (stream === "heartbeat" && heartbeat && heartbeat.arrived < before && !has(id)) {
      delete record.heartbeat;
      isChanged = true;
    }
    if (!isChanged) continue;
    changed.push(id);
    if (events.size === 0 && !record.status && !record.heartbeat) state.records.delete(id);
  }
  if (stream === "registry" && changed.length > 0) findLaunchers(state);
  return changed;
}

function findLaunchers(state: FleetState): void {
  state.launchers.clear();
  state.lastDeclared.clear();
  for (const { events } of state.records.values()) for (const fact of events.values()) noteLauncher(state, fact);
}
