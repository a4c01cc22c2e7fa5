// Listen before start: who is heard on the wire though it holds no lease. Read from the streams at once, not waited for.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../../common/json.ts";
import { mayBeMarked } from "../../common/run-mark.ts";
import { readLastPerSubject } from "../../messaging/snapshot.ts";
import { fromWireTimestamp } from "../../messaging/timestamp.ts";
import type { WireMessage } from "../../messaging/wire-message.ts";
import { isPidFree, type Party } from "./place.ts";
import type { OwnerInfo } from "./types.ts";

/** A heartbeat tells that somebody lives for this long, milliseconds (PROTOCOL). */
const ALIVE_MS = 30_000;
/** For this many services at most each is asked for by itself; for more, all are read at once. */
const FEW = 4;

/** The last that was heard of a service. Times are the broker's. */
interface Heard {
  beatAt?: number | undefined;
  /** When the beat was said, by the clock of who said it. */
  beatSaidAt?: number | undefined;
  status?: { at: number; data: JsonObject } | undefined;
  event?: { at: number; name: string; data: JsonObject } | undefined;
}

/** What a claim knows of a service before it listens. */
export interface Question {
  id: string;
  /** When the last owner released it, by the broker's clock: what was heard before that was the owner. */
  releasedAt?: number | undefined;
  /** The owner whose lease is over: what is heard of it does not count. */
  gone?: { launcher: string; pid: number } | undefined;
  /** The owner is gone for certain, but its lease is not over: its child process may still be ending. */
  early: boolean;
}

/** `owned`: somebody lives there; `ending`: what a dead launcher of this host has left has not ended yet. */
export type Evidence = { kind: "owned" | "ending"; owner: OwnerInfo };

export interface ListenOptions {
  connection: NatsConnection;
  prefix: string;
  /** Who asks. */
  me: Party;
  /** Its other name. */
  alias?: string | undefined;
  /** The broker's time, milliseconds since the epoch. */
  now: number;
  limitMs: number;
}

/** What speaks against starting each service; services nothing speaks against are not in the answer. */
export async function listen(questions: readonly Question[], options: ListenOptions): Promise<Map<string, Evidence>> {
  const against = new Map<string, Evidence>();
  if (questions.length === 0) return against;
  const beats = await read(options, "heartbeat");
  const isFresh = (name: string) => {
    const beat = beats.get(name)?.[0];
    return beat !== undefined && Math.abs(options.now - beat.time) < ALIVE_MS;
  };
  // A launcher that waits before it restarts a service is its owner too, though nothing beats meanwhile.
  const strangers = [...beats.keys()].some((name) => isLauncher(name) && name !== options.me.launcher && isFresh(name));
  const suspects = questions.filter((question) => strangers || question.early || isFresh(question.id));
  if (suspects.length === 0) return against;
  const names = suspects.length <= FEW ? suspects.map(({ id }) => id) : undefined;
  const [status, registry] = await Promise.all([read(options, "status", names), read(options, "registry", names)]);
  for (const question of suspects) {
    const { id } = question;
    const [told] = status.get(id) ?? [];
    const event = registry.get(id)?.reduce((a, b) => (b.seq > a.seq ? b : a));
    const found = judge(
      question,
      {
        beatAt: isFresh(id) ? beats.get(id)?.[0]?.time : undefined,
        beatSaidAt: fromWireTimestamp(beats.get(id)?.[0]?.data?.timestamp),
        status: told && { at: told.time, data: told.data ?? {} },
        event: event && { at: event.time, name: eventName(event), data: event.data ?? {} },
      },
      options,
      isFresh,
    );
    if (found) against.set(id, found);
  }
  return against;
}

/** @param isFresh whether something of that name has beaten lately */
function judge(
  question: Question,
  { beatAt, beatSaidAt = Number.POSITIVE_INFINITY, status, event }: Heard,
  { me, alias }: Pick<ListenOptions, "me" | "alias">,
  isFresh: (name: string) => boolean,
): Evidence | undefined {
  const owner: OwnerInfo = {
    kind: "wire",
    launcher: text(status?.data.parent) ?? text(event?.data.parent),
    host: text(status?.data.hostname) ?? text(event?.data.hostname),
    pid: number(status?.data.pid) ?? number(event?.data.pid),
  };
  // The status may be the dead launcher's own word for its service: then its pid says nothing more.
  const isChild = owner.pid !== undefined && owner.pid !== question.gone?.pid && owner.host === me.host;
  if (question.early && isChild && owner.launcher === question.gone?.launcher && mayLinger(owner.pid ?? 0)) {
    return { kind: "ending", owner };
  }
  // What systemd keeps up does not end with its launcher.
  const isSupervised = text(status?.data.supervisor) !== undefined;
  if (owner.launcher !== undefined && owner.launcher === question.gone?.launcher && !isSupervised) return undefined;
  // A beat may overtake the status that it was sent before: whoever said both knows which came first.
  const saidOverAt = status && isOver(status.data) ? (fromWireTimestamp(status.data.timestamp) ?? 0) : 0;
  const endedAt = Math.max(
    event && isFinal(event.name, event.data) ? event.at : 0,
    status && isOver(status.data) ? status.at : 0,
    saidOverAt >= beatSaidAt ? (beatAt ?? 0) : 0,
    question.releasedAt ?? 0,
  );
  const isOurs = (name: string) => owner.launcher === name && owner.host === me.host;
  // It is joined as it is.
  if (isSupervised && (isOurs(me.launcher) || (alias !== undefined && isOurs(alias)))) return undefined;
  if (isOurs(me.launcher)) {
    // An earlier life of this launcher, or this one: what has a living process of its own must end first.
    const lingers = owner.pid !== undefined && owner.pid !== me.pid && mayLinger(owner.pid);
    return lingers && beatAt !== undefined && beatAt > endedAt ? { kind: "ending", owner } : undefined;
  }
  if (beatAt !== undefined && beatAt > endedAt) return { kind: "owned", owner };
  const parent = text(event?.data.parent);
  const isKept = event !== undefined && event.at > endedAt && event.name !== "declared" && parent !== undefined;
  return isKept && parent !== me.launcher && parent !== question.gone?.launcher && isFresh(parent)
    ? { kind: "owned", owner: { ...owner, launcher: parent } }
    : undefined;
}

/** Whether what a launcher of this host had started there may live: the pid may be a stranger's by now. */
function mayLinger(pid: number): boolean {
  return !isPidFree(pid) && mayBeMarked(pid);
}

/** After this event nobody runs the service, or is about to. */
function isFinal(event: string, data: JsonObject): boolean {
  return event === "stop" || event === "failed" || (event === "crashed" && data.will_restart !== true);
}

function isOver({ status }: JsonObject): boolean {
  return status === "shutdown" || status === "failed";
}

function isLauncher(name: string): boolean {
  return name.startsWith("launcher.");
}

/** The last messages by name (service id, or launcher); of the registry one for each event. */
async function read(
  { connection, prefix, limitMs }: ListenOptions,
  kind: "heartbeat" | "status" | "registry",
  names?: readonly string[],
): Promise<Map<string, WireMessage[]>> {
  const event = kind === "registry" ? "*." : "";
  const filters = (names ?? [">"]).map((name) => `${prefix}.${kind}.${name === ">" ? name : event + name}`);
  const snapshots = await Promise.all(filters.map((filter) => readLastPerSubject(connection, filter, { limitMs })));
  // No stream, or no answer: then nobody is heard. The lease alone decides.
  const messages = snapshots.flatMap((snapshot) => (snapshot.ok ? snapshot.messages : []));
  const skipped = `${prefix}.${kind}.`.length;
  return Map.groupBy(messages, ({ subject }) => {
    const rest = subject.slice(skipped);
    return kind === "registry" ? rest.slice(rest.indexOf(".") + 1) : rest;
  });
}

function eventName({ subject, data }: WireMessage): string {
  return text(data?.event) ?? subject;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}
