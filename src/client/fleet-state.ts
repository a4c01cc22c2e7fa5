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
  statusFact,
  type WireMessage,
} from "./facts.ts";

/** All that was last said about one id. */
export interface ServiceRecord {
  readonly id: string;
  readonly events: Map<RegistryEvent, RegistryFact>;
  status?: StatusFact;
  heartbeat?: HeartbeatFact;
}

export interface FleetState {
  /** Subject prefix of the fleet. */
  readonly prefix: string;
  readonly records: Map<string, ServiceRecord>;
  /** Names that registry events call `parent`: launchers. */
  readonly launchers: Set<string>;
  /** When each launcher last declared anything, milliseconds since the epoch. */
  readonly lastDeclared: Map<string, number>;
  readonly counts: FoldCounts;
}

export function createFleetState(prefix = "svc"): FleetState {
  return { prefix, records: new Map(), launchers: new Set(), lastDeclared: new Map(), counts: noCounts() };
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
  state.counts.messages++;
  let record = state.records.get(subject.id);
  if (!record) {
    record = { id: subject.id, events: new Map() };
    state.records.set(subject.id, record);
  }
  switch (subject.stream) {
    case "registry": {
      if (isOld(record.events.get(subject.event), message)) return undefined;
      const fact = registryFact(subject.event, data, message, state.counts);
      record.events.set(subject.event, fact);
      if (fact.parent) {
        state.launchers.add(fact.parent);
        if (subject.event === "declared") {
          state.lastDeclared.set(fact.parent, Math.max(fact.at, state.lastDeclared.get(fact.parent) ?? 0));
        }
      }
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

/** A stream that was deleted and made anew counts from 1 again: then only the time tells that a message is newer. */
function isOld(known: { seq: number; arrived: number } | undefined, message: WireMessage): boolean {
  return known !== undefined && message.seq <= known.seq && message.time <= known.arrived;
}
