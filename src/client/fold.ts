// From the last message of each subject to what is known of each service. Pure: the time is passed in.
import { splitServiceId } from "../common/names.ts";
import { effectiveNow } from "./clock.ts";
import type { FoldCounts, WireMessage } from "./facts.ts";
import { applyMessage, createFleetState, type FleetState, type ServiceRecord } from "./fleet-state.ts";
import { judge, runs, underLauncher, type Verdict } from "./health.ts";
import { type Pulse, pulse } from "./heartbeat.ts";
import { foldEvents, hasEnded, type Lifecycle, restsUntilDue } from "./lifecycle.ts";
import { Moment } from "./moment.ts";
import { isRemoved } from "./removed.ts";
import type { Health, ServiceInfo } from "./service-info.ts";
import { believe, type Statement } from "./statement.ts";

/** How long something is fresh, milliseconds. */
const FRESH_MS = 24 * 3_600_000;
/** How long the failure of a run by hand is news, milliseconds: whoever ran it has seen it. */
const HAND_FAILURE_MS = 10 * 60_000;

/** The last messages of the three streams. */
export interface Snapshot {
  registry: Iterable<WireMessage>;
  status: Iterable<WireMessage>;
  heartbeat: Iterable<WireMessage>;
}

export interface FoldedSnapshot {
  /** Every id ever heard of, in order of id. */
  services: ServiceInfo[];
  /** To be kept up with `applyMessage`. */
  state: FleetState;
  counts: FoldCounts;
}

/** Folds a snapshot as seen at `now` (milliseconds since the epoch). Never throws, whatever the messages hold. */
export function foldSnapshot(snapshot: Snapshot, now: number, prefix = "svc"): FoldedSnapshot {
  const state = createFleetState(prefix);
  for (const stream of [snapshot.registry, snapshot.status, snapshot.heartbeat]) {
    for (const message of stream) applyMessage(state, message);
  }
  return { services: serviceInfos(state, now), state, counts: state.counts };
}

/** What is known of every id in the state at `now`, in order of id. */
export function serviceInfos(state: FleetState, now: number): ServiceInfo[] {
  const moment = new Moment(effectiveNow(state.records.values(), now));
  const drafts = new Map<string, Draft>();
  for (const record of state.records.values()) drafts.set(record.id, draft(state, record, moment));
  const parentsInUse = new Set<string>();
  for (const own of drafts.values()) {
    if (own.parent !== undefined && !own.removed) parentsInUse.add(own.parent);
  }
  return [...drafts.values()]
    .map((own) => {
      const above = own.parent === undefined ? undefined : drafts.get(own.parent);
      return finish(own, above, parentsInUse.has(own.record.id), moment);
    })
    .sort(byServiceId);
}

export function byServiceId(a: ServiceInfo, b: ServiceInfo): number {
  return a.serviceId < b.serviceId ? -1 : 1;
}

/** One record, looked at alone. */
export interface Draft {
  record: ServiceRecord;
  kind: ServiceInfo["kind"];
  parent: string | undefined;
  life: Lifecycle;
  statement: Statement;
  said: ServiceRecord["status"];
  beat: Pulse;
  running: boolean;
  removed: boolean;
  verdict: Verdict;
}

/** Judges a record by itself, and by what its launcher has said of its own start. */
export function draft(state: FleetState, record: ServiceRecord, moment: Moment): Draft {
  const life = foldEvents(record.events.values());
  const statement = believe(record, life, moment);
  const isLauncher = state.launchers.has(record.id) || (record.id.startsWith("launcher.") && record.events.size === 0);
  // A launcher's status is its services': it runs, whatever they are, until it says that it has shut down.
  const running = isLauncher ? statement.status !== "shutdown" && statement.said !== undefined : runs(statement, life);
  const said = record.status;
  const starting = statement.status === "startup";
  const withoutRunner = life.phase === undefined || statement.byHand;
  const beat = pulse(record.heartbeat, moment, {
    running,
    lifeBegan: withoutRunner && starting && said ? said.at : life.lifeBegan,
    firstSeen: (withoutRunner ? said?.at : undefined) ?? life.phaseTime,
    starting,
    gaps: state.gaps,
  });
  return {
    record,
    kind: isLauncher ? "launcher" : "service",
    parent: life.parent ?? said?.parent,
    life,
    statement,
    said,
    beat,
    running,
    removed: (!running || beat.state === "dead") && isRemoved(state, life),
    verdict: judge(statement, life, beat, running),
  };
}

/**
 * Judges it in the light of its parent.
 * @param above its parent
 * @param isInUse something has it for a parent
 */
export function finish(own: Draft, above: Draft | undefined, isInUse: boolean, moment: Moment): ServiceInfo {
  const { record, parent, life, statement, said, beat, running } = own;
  const launcher = above?.kind === "launcher" ? { id: above.record.id, health: above.verdict.health } : undefined;
  const verdict = isHistory(own, launcher)
    ? { ...own.verdict, health: "stopped" as const }
    : underLauncher(own.verdict, launcher);
  const declared = life.declaredTime !== undefined;
  const stopTime = stoppedAt(own);
  const startTime = startedAt(own);
  const lastSeen = latest([...record.events.values(), said, record.heartbeat]);
  const fresh = isFresh(beat, moment);
  const removed = own.removed || (own.kind === "launcher" && verdict.health === "dead" && !isInUse);
  const heardWithin = (ms: number) => lastSeen !== undefined && !moment.hasCome(lastSeen + ms);
  const recent = heardWithin(FRESH_MS);
  // One that still lives goes on beating, and is heard.
  const notable = isHandRun(own) ? heardWithin(HAND_FAILURE_MS) : recent;
  const lacking = declared && launcher !== undefined && above?.running === true;
  const abandoned = launcher?.health === "dead" && !isFresh(above?.beat, moment);
  return {
    serviceId: record.id,
    ...splitServiceId(record.id),
    kind: own.kind,
    ...verdict,
    reportedStatus: statement.status,
    message: (statement.said ?? statement.cause)?.message,
    statusTime: said?.at,
    parent,
    runnerId: life.runnerId,
    host: said?.host ?? life.host,
    pid: newestPid(own),
    startTime,
    readyTime: life.readyTime,
    stopTime,
    stopReason: life.stopReason,
    heldBy: statement.byHand ? undefined : life.heldBy,
    timetable: life.timetable,
    exitCode: life.exitCode,
    crashTime: life.crashTime,
    crashExitCode: life.crashExitCode,
    willRestart: life.willRestart,
    restartPolicy: life.restartPolicy,
    restartCount: life.restartCount,
    restartAttempt: life.restartAttempt,
    restartMax: life.restartMax,
    restartState: restartState(own, moment),
    heartbeatTime: beat.time,
    heartbeatAgeSeconds: beat.ageSeconds,
    heartbeatState: beat.state,
    declared,
    declaredTime: life.declaredTime,
    ephemeral: !declared,
    removed,
    removal: removed ? life.removal : undefined,
    fresh,
    running,
    zombie: running && beat.state === "dead",
    current:
      !removed &&
      isCurrent({
        ...verdict,
        ...{ running, declared, fresh, recent, notable, lacking, abandoned },
        resting: life.heldBy !== undefined || (restsUntilDue(life) && verdict.health === "stopped"),
      }),
    uptimeSeconds: running && startTime !== undefined ? moment.secondsSince(startTime) : undefined,
    lastSeen,
    children: said?.children ?? [],
    metrics: { ...said?.metrics, ...record.heartbeat?.metrics },
  };
}

interface Relevance extends Verdict, Pick<ServiceInfo, "running" | "declared" | "fresh"> {
  /** Something was heard of it within a day. */
  recent: boolean;
  /** The same, of a failure: one of a run by hand is forgotten sooner. */
  notable: boolean;
  /** Its launcher runs, and should have it running. */
  lacking: boolean;
  /** It is stopped because an operator wants it so, or until it is due. */
  resting: boolean;
  /** Its launcher died more than a day ago: by now that is history too. */
  abandoned: boolean;
}

function isCurrent(own: Relevance): boolean {
  if (own.running) return own.fresh || own.recent || (own.declared && !own.abandoned);
  // Not to be forgotten: somebody has to start it again.
  if (own.resting && own.health === "stopped") return own.lacking;
  if (own.health === "failed") return own.notable || own.lacking;
  return own.health === "unknown" && (own.lacking || own.fresh);
}

/** A service that had failed before its launcher ended in good order: whoever stopped the fleet has seen it. */
function isHistory({ verdict, life, said }: Draft, launcher: { id: string; health: Health } | undefined): boolean {
  if (launcher?.health !== "stopped" || verdict.health !== "failed" || !hasEnded(life)) return false;
  // It was run by hand since, and failed then: its launcher knows nothing of that.
  const byHand = said !== undefined && said.parent !== launcher.id && said.at > life.phaseTime;
  return !byHand;
}

/** Its last words are of a run by hand: no runner has had it, or none since. */
function isHandRun({ life, said }: Draft): boolean {
  if (said === undefined || said.parent !== undefined) return false;
  return life.phase === undefined || (hasEnded(life) && said.at > life.phaseTime);
}

function isFresh(beat: Pulse | undefined, moment: Moment): boolean {
  return beat?.time !== undefined && !moment.hasCome(beat.time + FRESH_MS);
}

/** Without a `stop` event the last word "shutdown" is the stop. */
function stoppedAt({ life, statement, said }: Draft): number | undefined {
  if (statement.byHand) return undefined;
  return life.stopTime ?? (statement.status === "shutdown" ? said?.at : undefined);
}

/** Without a runner, a heartbeat that tells its uptime tells the start. */
function startedAt({ life, statement, record }: Draft): number | undefined {
  if (life.startTime !== undefined && !statement.byHand) return life.startTime;
  const { heartbeat } = record;
  return heartbeat?.uptimeSeconds === undefined ? undefined : heartbeat.at - heartbeat.uptimeSeconds * 1000;
}

function newestPid({ life, said }: Draft): number | undefined {
  if (said?.pid === undefined) return life.pid;
  return life.pid !== undefined && (life.startTime ?? 0) > said.at && said.at < life.lifeBegan ? life.pid : said.pid;
}

/** A recovery is news for a day. */
function restartState({ life, running, statement }: Draft, moment: Moment): ServiceInfo["restartState"] {
  if (statement.byHand) return undefined;
  if (life.restartState !== "recovered")
    return hasEnded(life) || life.phase === "restarting" ? life.restartState : undefined;
  const crashed = life.crashTime ?? life.startTime;
  return running && crashed !== undefined && !moment.hasCome(crashed + FRESH_MS) ? "recovered" : undefined;
}

function latest(facts: Iterable<{ at: number } | undefined>): number | undefined {
  let newest: number | undefined;
  for (const fact of facts) if (fact && (newest === undefined || fact.at > newest)) newest = fact.at;
  return newest;
}
