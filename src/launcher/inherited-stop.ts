// What operators want of services, wherever they have said so: the latest word counts, be it known here or in the registry.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { decode, readLastPerSubject, readToEnd, type Snapshot, Subjects, streamName } from "../messaging/index.ts";
import { fromWireTimestamp } from "../messaging/timestamp.ts";
import type { DesiredState, HeldBy } from "./desired-state.ts";

/** How long the registry may take to answer, milliseconds: after that the service is taken as this host knows it. */
const READ_LIMIT_MS = 2_000;
/** So many events of a kind are kept of a service by the stream: those before them are gone. */
const MOST_KEPT = 100;

/**
 * Adopts what operators wanted of services while other launchers had them, or while the broker was away.
 * @returns the services of which the registry does not tell now
 */
export async function inheritStops(
  connection: NatsConnection | undefined,
  prefix: string,
  ids: readonly string[],
  desired: Pick<DesiredState, "heldBy" | "hold" | "release">,
): Promise<string[]> {
  if (!connection) return [...ids];
  const unknown = await Promise.all(
    ids.map(async (id) => {
      const known = desired.heldBy(id);
      const word = await latestWord(connection, prefix, id, known);
      if (word === "unknown") return [id];
      // An order that has come meanwhile is later than all that.
      if (word === known || desired.heldBy(id) !== known) return [];
      if (word) desired.hold(id, word);
      else desired.release(id);
      return [];
    }),
  );
  return unknown.flat();
}

/** @returns the stop that holds; undefined: there is none, or a start has ended it */
async function latestWord(
  connection: NatsConnection,
  prefix: string,
  id: string,
  known: HeldBy | undefined,
): Promise<HeldBy | undefined | "unknown"> {
  const subjects = new Subjects(prefix);
  const last = await readLastPerSubject(connection, subjects.anyRegistry(id), { limitMs: READ_LIMIT_MS });
  if (!last.ok) return isPassing(last.reason) ? "unknown" : known;
  const told = last.messages.flatMap(({ data }) => (data && stopOf(data)) ?? []);
  const stop = told.reduce<HeldBy | undefined>((a, b) => (a === undefined || b.at > a.at ? b : a), known);
  // As a rule nobody has stopped it: then nothing else is read.
  if (!stop) return undefined;
  const story: JsonObject[] = [];
  const all = { deliver_policy: "all" } as const;
  const read = (_: string, payload: Uint8Array) => {
    const decoded = decode(payload);
    if (decoded.ok && decoded.data) story.push(decoded.data);
  };
  const stream = streamName(prefix, "registry");
  const fault = await readToEnd(connection, stream, subjects.anyRegistry(id), all, read, { limitMs: READ_LIMIT_MS });
  if (fault) return isPassing(fault.reason) ? "unknown" : stop;
  return isEnded(stop, story) ? undefined : stop;
}

/** @param story all events that are kept of the service */
function isEnded(stop: HeldBy, story: readonly JsonObject[]): boolean {
  const isLater = (time: unknown) => (fromWireTimestamp(time) ?? 0) > stop.at;
  const starts = story.filter(({ event }) => event === "start");
  if (starts.some(({ ordered_at }) => isLater(ordered_at))) return true;
  // The start that ended it may not be kept any more: then that it has run since then must do.
  const reachesBack = starts.length < MOST_KEPT && story.some(({ timestamp }) => !isLater(timestamp));
  return !reachesBack && starts.length > 0 && starts.every(({ timestamp }) => isLater(timestamp));
}

/** Otherwise nobody keeps what is said there, or nobody may read it: this host knows all that can be known. */
function isPassing(reason: Exclude<Snapshot, { ok: true }>["reason"]): boolean {
  return reason === "timeout" || reason === "disconnected";
}

/** The operator's stop that an event tells. */
function stopOf({ target, set_by: by, set_at, set_reason: reason }: JsonObject): HeldBy | undefined {
  const at = fromWireTimestamp(set_at);
  if (target !== "stopped" || at === undefined) return undefined;
  return { by: typeof by === "string" ? by : "unknown", at, ...(typeof reason === "string" ? { reason } : {}) };
}
