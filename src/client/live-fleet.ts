// A fleet kept up to date: each message, and each moment that makes a difference, changes what is known of few things.

import { changeOf, type FleetChange } from "./change.ts";
import { effectiveNow, FUTURE_MS } from "./clock.ts";
import { DueQueue } from "./due-queue.ts";
import { parseSubject, type Subject, type WireMessage } from "./facts.ts";
import { applyMessage, createFleetState, type FleetState, forgetMissing } from "./fleet-state.ts";
import { byServiceId, type Draft, draft, finish } from "./fold.ts";
import { addGap } from "./gaps.ts";
import { Moment } from "./moment.ts";
import { Parents } from "./parents.ts";
import type { ServiceInfo } from "./service-info.ts";

/** Heartbeats older than this may be forgotten, milliseconds. */
const HEARTBEAT_LIFE_MS = 24 * 3_600_000;
/** How often the whole fleet is looked at for a heartbeat to tell the time by, when none is recent, milliseconds. */
const CLOCK_LOOK_MS = 1_000;

interface Known {
  info: ServiceInfo;
  draft: Draft;
  /** What those below it depend on. */
  face: string;
}

/** All times are milliseconds since the epoch, by the clock of whoever calls. */
export class LiveFleet {
  readonly #state: FleetState;
  readonly #tell: (change: FleetChange) => void;
  readonly #known = new Map<string, Known>();
  readonly #parents = new Parents();
  readonly #due = new DueQueue();
  /** To be looked at again, and parents of whom all children are: soon, not at each message. */
  readonly #doubtful = new Set<string>();
  readonly #changedParents = new Set<string>();
  #isSettled = false;
  /** Nothing is heard now: the time stands still. */
  #isDeaf = false;
  /** When the latest gap began. */
  #gapFrom: number | undefined;
  /** When the latest heartbeat came that confirms the reader's clock. */
  #confirmed = Number.NEGATIVE_INFINITY;
  #clock = { readAt: Number.NEGATIVE_INFINITY, now: 0 };

  /** @param tell is told of every change after `settle` */
  constructor(prefix: string, tell: (change: FleetChange) => void) {
    this.#state = createFleetState(prefix);
    this.#tell = tell;
  }

  get counts(): FleetState["counts"] {
    return this.#state.counts;
  }

  /** Takes one message. Until `settle` it is only kept. */
  take(message: WireMessage, now: number): void {
    const id = applyMessage(this.#state, message);
    if (id === undefined) return;
    const subject = parseSubject(this.#state.prefix, message.subject);
    if (subject?.stream === "heartbeat" && Math.abs(message.time - now) <= FUTURE_MS) {
      this.#confirmed = Math.max(this.#confirmed, message.time);
    }
    if (!this.#isSettled) return;
    if (subject?.stream === "registry") this.#noteParent(id, subject);
    this.#look(id, this.#time(now));
  }

  /**
   * Forgets what a stream has no more. Before what it has is taken, so that events of one that was made anew are not
   * put in order with those of the old one.
   * @param held the subjects that it has
   */
  forgetMissing(stream: Subject["stream"], held: ReadonlySet<string>, now: number): void {
    for (const id of forgetMissing(this.#state, stream, held, now - HEARTBEAT_LIFE_MS)) this.#forgetOrDoubt(id);
  }

  /** From now on changes are told. */
  settle(now: number): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#lookAtAll(now, () => undefined);
  }

  /** What time alone has changed. To be called about four times a second; costs little when nothing is due. */
  tick(now: number): void {
    if (!this.#isSettled || this.#isDeaf) return;
    const time = this.#time(now);
    for (const id of this.#due.take(time)) this.#look(id, time);
    this.#settleDoubts(time);
  }

  /** Everything is looked at again: a clock was set, so that nothing comes when it was due. */
  review(now: number): void {
    if (this.#isSettled) this.#lookAtAll(now, this.#tell);
  }

  /** Nothing can be heard from now on: silence does not count until `hear`. */
  deafen(now: number): void {
    if (this.#isDeaf) return;
    this.#isDeaf = true;
    this.#gapFrom = now;
  }

  /** Everything can be heard from now on. Called again, it was only from then on. */
  hear(now: number): void {
    this.#isDeaf = false;
    if (this.#gapFrom === undefined) return;
    const from = this.#gapFrom;
    const earlier = this.#state.gaps.filter((gap) => gap.from !== from);
    this.#state.gaps = addGap(earlier, { from, to: now });
  }

  /** Everything known, in order of id, with its ages as of `now`. */
  services(now: number): ServiceInfo[] {
    this.tick(now);
    const infos = Array.from(this.#known.values(), (known) => this.#aged(known, now));
    return infos.sort(byServiceId);
  }

  service(id: string, now: number): ServiceInfo | undefined {
    this.tick(now);
    const known = this.#known.get(id);
    return known && this.#aged(known, now);
  }

  /** A registry event tells of its launcher too: that it is one, and that it has begun a new round. */
  #noteParent(id: string, subject: Extract<Subject, { stream: "registry" }>): void {
    const parent = this.#state.records.get(id)?.events.get(subject.event)?.parent;
    if (parent === undefined) return;
    const known = this.#known.get(parent);
    if (known && known.info.kind !== "launcher") this.#doubtful.add(parent);
    if (subject.event === "declared") this.#changedParents.add(parent);
  }

  #forgetOrDoubt(id: string): void {
    if (this.#state.records.has(id)) {
      this.#doubtful.add(id);
      return;
    }
    const known = this.#known.get(id);
    if (!known) return;
    this.#known.delete(id);
    this.#due.forget(id);
    for (const parent of this.#parents.remove(id)) this.#doubtful.add(parent);
    this.#changedParents.add(id);
    const { info } = known;
    this.#tell({ type: "gone", service: info, previous: info });
  }

  #settleDoubts(time: number): void {
    const done = new Set<string>();
    // What is looked at may put those above or below it in doubt; each is looked at once.
    while (this.#doubtful.size + this.#changedParents.size > 0) {
      for (const parent of this.#changedParents)
        for (const id of this.#parents.childrenOf(parent)) this.#doubtful.add(id);
      this.#changedParents.clear();
      const ids = [...this.#doubtful].filter((id) => !done.has(id));
      this.#doubtful.clear();
      for (const id of ids) {
        done.add(id);
        this.#look(id, time);
      }
    }
  }

  #look(id: string, time: number): void {
    const record = this.#state.records.get(id);
    if (!record) return;
    const moment = new Moment(time);
    const own = draft(this.#state, record, moment);
    this.#place(own);
    this.#finish(own, moment, this.#tell);
  }

  /** In two rounds, as the one above must be known to judge the one below. */
  #lookAtAll(now: number, tell: (change: FleetChange) => void): void {
    const time = this.#time(now);
    const drafts = Array.from(this.#state.records.values(), (record) => {
      const moment = new Moment(time);
      return { own: draft(this.#state, record, moment), moment };
    });
    const above = new Map(drafts.map(({ own }) => [own.record.id, own]));
    for (const { own } of drafts) this.#place(own);
    for (const { own, moment } of drafts) this.#finish(own, moment, tell, above);
    this.#doubtful.clear();
    this.#changedParents.clear();
  }

  #place({ record, parent, removed }: Draft): void {
    for (const touched of this.#parents.place(record.id, parent, !removed)) this.#doubtful.add(touched);
  }

  #finish(own: Draft, moment: Moment, tell: (change: FleetChange) => void, drafts?: ReadonlyMap<string, Draft>): void {
    const { id } = own.record;
    const parent = own.parent;
    const above = parent === undefined ? undefined : (drafts?.get(parent) ?? this.#known.get(parent)?.draft);
    const info = finish(own, above, this.#parents.isInUse(id), moment);
    const previous = this.#known.get(id);
    const face = faceOf(own, info);
    this.#known.set(id, { info, draft: own, face });
    this.#due.plan(id, moment.next);
    if (previous?.face !== face) this.#changedParents.add(id);
    const change = changeOf(previous?.info, info);
    if (change) tell(change);
  }

  /** As it is, with the ages that it has by now. */
  #aged({ info, draft: own }: Known, now: number): ServiceInfo {
    const time = this.#time(now);
    // Its words count the seconds of silence.
    if (info.status === "stale" || info.status === "dead") {
      const moment = new Moment(time);
      const above = own.parent === undefined ? undefined : this.#known.get(own.parent)?.draft;
      return finish(draft(this.#state, own.record, moment), above, this.#parents.isInUse(info.serviceId), moment);
    }
    const moment = new Moment(this.#isDeaf ? now : time);
    const since = (from: number | undefined) => (from === undefined ? undefined : moment.secondsSince(from));
    return {
      ...info,
      heartbeatAgeSeconds: since(info.heartbeatTime),
      uptimeSeconds: info.uptimeSeconds === undefined ? undefined : since(info.startTime),
    };
  }

  /** The time to judge by: the reader's, unless the fleet's heartbeats show that it is wrong. */
  #time(now: number): number {
    const at = this.#isDeaf ? (this.#gapFrom ?? now) : now;
    if (Math.abs(this.#confirmed - at) <= FUTURE_MS) return at;
    if (Math.abs(at - this.#clock.readAt) > CLOCK_LOOK_MS) {
      this.#clock = { readAt: at, now: effectiveNow(this.#state.records.values(), at) };
    }
    return this.#clock.now === this.#clock.readAt ? at : this.#clock.now;
  }
}

/** What those below it are judged by; the start of one that tells its uptime to the second, as heartbeats jitter. */
function faceOf({ kind, verdict, running, record }: Draft, { fresh }: ServiceInfo): string {
  const { heartbeat, status } = record;
  const uptime = heartbeat?.uptimeSeconds;
  const round = uptime === undefined ? status?.at : Math.round(heartbeat ? heartbeat.at / 1000 - uptime : 0);
  return `${kind} ${verdict.health} ${running} ${fresh} ${round}`;
}
