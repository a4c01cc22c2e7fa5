// What pages are told: the fleet as it changes, its story, and a beat that shows that the line is alive.
import type { ServiceInfo } from "../client/index.ts";
import type { TimelineEntry } from "../client/timeline/index.ts";
import { HealthHistory } from "./health-history.ts";
import { Hub, tellTo, type Viewer } from "./hub.ts";
import { MetricHistory, numbersOf } from "./metric-history.ts";
import type { About, BrokerState, Sample, Told, ToldBeat, ToldEntry, ToldService } from "./told.ts";
import { toldEntries, toldOf, toldSummary } from "./words.ts";

/** Pages take a line for dead that is silent for more than twice as long. */
const BEAT_MS = 5_000;
/** Changes are collected this long: a fleet that starts is one message, milliseconds. */
const COLLECT_MS = 150;
const MOST_ENTRIES = 300;

/** The fleet as it is known now: a `ServiceControlClient` that follows. */
export interface FleetView {
  getCurrentServices(options: { includeStopped: boolean }): ServiceInfo[];
  getCurrentService(id: string): ServiceInfo | undefined;
}

export class FleetFeed {
  readonly #about: About;
  readonly #hub = new Hub();
  readonly #history = new HealthHistory();
  readonly #metrics = new MetricHistory();
  readonly #changed = new Set<string>();
  readonly #beat: ReturnType<typeof setInterval>;
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #view: FleetView | undefined;
  #entries: ToldEntry[] = [];
  #state: BrokerState = "never";

  constructor(about: About) {
    this.#about = about;
    this.#beat = setInterval(() => this.#tellBeat(Date.now()), BEAT_MS);
  }

  /** A page looks: it is told all there is, and from now on what changes. */
  join(viewer: Viewer, mayOrder: boolean): void {
    const now = Date.now();
    tellTo(viewer, { type: "hello", time: now, about: this.#about, mayOrder });
    tellTo(viewer, { type: "broker", state: this.#state });
    tellTo(viewer, { type: "history", points: this.#history.all(now) });
    tellTo(viewer, this.#fleet());
    tellTo(viewer, { type: "entries", entries: this.#entries, isAll: true });
    this.#hub.join(viewer);
  }

  leave(viewer: Viewer): void {
    this.#hub.leave(viewer);
  }

  samplesOf(id: string): Record<string, Sample[]> {
    return this.#metrics.of(id);
  }

  /** What happened before anybody looked, in order of time. */
  takeStory(entries: readonly TimelineEntry[]): void {
    this.#history.takeStory(entries);
    this.#entries = toldEntries(entries).slice(-MOST_ENTRIES);
    this.#hub.tell({ type: "entries", entries: this.#entries, isAll: true });
  }

  /** Something has happened. */
  tellEntries(happened: readonly TimelineEntry[]): void {
    const entries = toldEntries(happened);
    this.#entries = [...this.#entries, ...entries].slice(-MOST_ENTRIES);
    if (entries.length > 0) this.#hub.tell({ type: "entries", entries, isAll: false });
  }

  /** All of the fleet is to be taken from `view` from now on. */
  look(view: FleetView): void {
    this.#view = view;
    this.#noteAll();
  }

  tellState(state: BrokerState): void {
    this.#state = state;
    this.#hub.tell({ type: "broker", state });
    // Whatever has happened meanwhile.
    if (state === "live") this.#noteAll();
  }

  /** Something is to be told of this service: what, is looked up when it is told. */
  touch(id: string): void {
    this.#flushing ??= setTimeout(() => this.#flush(), COLLECT_MS);
    this.#changed.add(id);
  }

  close(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#flushing);
  }

  #known(): ServiceInfo[] {
    return this.#view?.getCurrentServices({ includeStopped: true }) ?? [];
  }

  #fleet(): Told {
    const known = this.#known();
    return { type: "fleet", services: known.map(toldOf), summary: toldSummary(known) };
  }

  #noteAll(): void {
    const now = Date.now();
    for (const info of this.#known()) this.#history.note(info, now);
    if (this.#hub.size === 0) return;
    this.#hub.tell({ type: "history", points: this.#history.all(now) });
    this.#hub.tell(this.#fleet());
  }

  #flush(): void {
    this.#flushing = undefined;
    const [services, gone]: [ToldService[], string[]] = [[], []];
    for (const id of this.#changed) {
      const info = this.#view?.getCurrentService(id);
      if (info) {
        this.#history.note(info, Date.now());
        services.push(toldOf(info));
      } else {
        this.#history.forget(id);
        this.#metrics.forget(id);
        gone.push(id);
      }
    }
    this.#changed.clear();
    if (this.#hub.size === 0) return;
    this.#hub.tell({ type: "change", services, gone, summary: toldSummary(this.#known()) });
  }

  /** Numbers are kept whether somebody looks or not: who comes later sees how they were. */
  #tellBeat(now: number): void {
    const beats: Record<string, ToldBeat> = {};
    for (const info of this.#view?.getCurrentServices({ includeStopped: false }) ?? []) {
      if (!info.running) continue;
      this.#metrics.note(info, now);
      beats[info.serviceId] = { at: info.heartbeatTime, metrics: numbersOf(info.metrics) };
    }
    this.#hub.tell({ type: "beat", time: now, beats });
  }
}
