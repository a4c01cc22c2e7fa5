// What operators wanted of services while other launchers had them: the last registry event of each tells.
import type { NatsConnection } from "nats";
import { readLastPerSubject } from "../messaging/snapshot.ts";
import { Subjects } from "../messaging/subjects.ts";
import { fromWireTimestamp } from "../messaging/timestamp.ts";
import type { DesiredState, HeldBy } from "./desired-state.ts";

/** How long the registry may take to answer, milliseconds: after that the service is taken as this host knows it. */
const READ_LIMIT_MS = 2_000;

/**
 * Reads the operator's stop that came with a service from another launcher.
 * @param me monitor name of this launcher: what it has told itself is known here better
 * @returns by id: the stop, or `null` if it was not stopped there; ids that no other launcher has told of are missing
 */
async function readInheritedStops(
  connection: NatsConnection,
  prefix: string,
  me: string,
  ids: readonly string[],
): Promise<Map<string, HeldBy | null>> {
  const subjects = new Subjects(prefix);
  const found = await Promise.all(
    ids.map(async (id): Promise<[string, HeldBy | null] | undefined> => {
      const filter = subjects.anyRegistry(id);
      const snapshot = await readLastPerSubject(connection, filter, { limitMs: READ_LIMIT_MS });
      if (!snapshot.ok) return undefined;
      const last = snapshot.messages.filter(({ data }) => data).at(-1)?.data;
      if (!last || last.parent === me || last.parent === undefined) return undefined;
      if (last.target !== "stopped") return [id, null];
      const { set_by: by, set_at: at, set_reason: reason } = last;
      const held = { by: typeof by === "string" ? by : "unknown", at: fromWireTimestamp(at) ?? Date.now() };
      return [id, typeof reason === "string" ? { ...held, reason } : held];
    }),
  );
  return new Map(found.flatMap((entry) => (entry ? [entry] : [])));
}

/** Takes over what operators wanted of services while other launchers had them. */
export async function inheritStops(
  connection: NatsConnection | undefined,
  prefix: string,
  me: string,
  ids: readonly string[],
  desired: Pick<DesiredState, "hold" | "release">,
): Promise<void> {
  if (!connection) return;
  for (const [id, held] of await readInheritedStops(connection, prefix, me, ids)) {
    if (held) desired.hold(id, held);
    else desired.release(id);
  }
}
