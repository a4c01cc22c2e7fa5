// Hears whether a foreign program speaks for itself on NATS: what it says of its status, and its heartbeats.
import { hostname } from "node:os";
import type { Msg } from "nats";
import {
  decode,
  fromWireTimestamp,
  type Messenger,
  StandingSubscriptions,
  type Subjects,
} from "../../messaging/index.ts";
import { isStatus, type StatusReport } from "../../monitoring/index.ts";

/** The launcher's own messenger: what it sends itself is not the program's word. */
export type Ear = Pick<Messenger, "connection" | "state" | "onStateChange" | "sender">;

export interface OwnVoiceOptions {
  ear: Ear;
  subjects: Subjects;
  serviceId: string;
  /** Monitor name of the launcher. */
  parent: string;
  /** Whether a process of this host is the program's. */
  owns: (pid: number) => boolean;
  /** Called once, when it is first heard. */
  onFirst: () => void;
  onStatus: (report: StatusReport) => void;
}

export class OwnVoice {
  readonly #options: OwnVoiceOptions;
  readonly #ignoreStates: () => void;
  readonly #standing: StandingSubscriptions;
  #speaks = false;
  #lastBeatMs: number | undefined;
  /** Senders that speak of a service of this id, and are not this program. */
  readonly #others = new Set<string>();

  constructor(options: OwnVoiceOptions) {
    this.#options = options;
    const { ear, subjects, serviceId } = options;
    this.#ignoreStates = ear.onStateChange((state) => {
      // What it said meanwhile could not be heard, and it may need its time to be back too.
      if (state === "connected" && this.#lastBeatMs !== undefined) this.#lastBeatMs = performance.now();
    });
    this.#standing = new StandingSubscriptions(ear);
    const hear = (subject: string, take: (message: Msg) => void) =>
      // Not allowed to listen: then the launcher goes on speaking.
      this.#standing.add(subject, (error, message) => (error ? undefined : take(message)));
    hear(subjects.status(serviceId), (message) => this.#onStatus(message));
    hear(subjects.heartbeat(serviceId), (message) => this.#onBeat(message));
  }

  /** It has been heard: nobody else needs to speak for it. */
  get speaks(): boolean {
    return this.#speaks;
  }

  /** When it last beat, monotonic milliseconds; undefined if it does not beat. While there is no broker it is not silent. */
  get lastBeatMs(): number | undefined {
    if (this.#lastBeatMs === undefined) return undefined;
    return this.#options.ear.state === "connected" ? this.#lastBeatMs : performance.now();
  }

  close(): void {
    this.#ignoreStates();
    this.#standing.close();
  }

  #onStatus(message: Msg): void {
    const said = this.#read(message);
    if (!said) return;
    const { data, sender } = said;
    if (!this.#isProgram(data)) {
      this.#others.add(sender);
      return;
    }
    if (!isStatus(data.status)) return;
    this.#hear();
    const text = typeof data.message === "string" ? data.message : undefined;
    this.#options.onStatus({
      name: this.#options.serviceId,
      status: data.status,
      ...(text === undefined ? {} : { message: text }),
      time: fromWireTimestamp(data.timestamp) ?? Date.now(),
    });
  }

  #onBeat(message: Msg): void {
    const said = this.#read(message);
    // Python's heartbeats do not tell whose they are: then their sender's last status does.
    if (!said || this.#others.has(said.sender) || !this.#isProgram(said.data)) return;
    this.#lastBeatMs = performance.now();
    this.#hear();
  }

  /** What somebody else than this launcher says. */
  #read({ data: payload }: Msg) {
    const decoded = decode(payload);
    if (!decoded.ok || !decoded.data || decoded.meta.sender === this.#options.ear.sender) return undefined;
    return { data: decoded.data, sender: decoded.meta.sender };
  }

  /** Another launcher, or a run by hand, may speak of the same id: its parent or its process tells. */
  #isProgram({ parent, pid, hostname: host }: Readonly<Record<string, unknown>>): boolean {
    if (typeof parent === "string" && parent !== this.#options.parent) return false;
    // A process in a container has another host's name, and pids of its own.
    return typeof pid !== "number" || host !== hostname() || this.#options.owns(pid);
  }

  #hear(): void {
    if (this.#speaks) return;
    this.#speaks = true;
    this.#options.onFirst();
  }
}
