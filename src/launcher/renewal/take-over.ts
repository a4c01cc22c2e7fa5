// The start of a successor: asks its predecessor what it runs, takes it over, and tells how that went.
import { describeError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import type { Messenger, Subjects } from "../../messaging/index.ts";
import { askRpc } from "../../messaging/rpc.ts";
import type { Ownership } from "../ownership/index.ts";
import type { ServicesLauncher } from "../services-launcher.ts";
import { RenewalError } from "./renewal-error.ts";
import type { Succession } from "./succession.ts";
import { takeEach } from "./take-each.ts";

export interface TakeOverOptions {
  messenger: Pick<Messenger, "connection">;
  subjects: Subjects;
  launcher: ServicesLauncher;
  ownership: Pick<Ownership, "ownerOf">;
}

/** How long the predecessor may take to say what it runs, milliseconds. */
const LIST_LIMIT_MS = 10_000;

/** Starts a launcher that succeeds another. @throws RenewalError, when the predecessor is to go on */
export async function takeOver(succession: Succession, options: TakeOverOptions): Promise<void> {
  const { launcher, ownership } = options;
  const { predecessor } = succession;
  try {
    const before = await listOf(predecessor.launcher, options);
    await launcher.start((runners) =>
      takeEach(runners, {
        predecessor,
        possession: launcher.possession,
        ownerOf: (id) => ownership.ownerOf(id),
        before,
        settled: (runner) => launcher.settled(() => [runner]),
        onProgress: (progress) => succession.tell({ kind: "progress", ...progress }),
      }),
    );
    succession.tell({ kind: "settled" });
  } catch (error) {
    succession.tell({ kind: "failed", error: describeError(error) });
    throw error;
  }
}

async function listOf(name: string, { messenger, subjects }: TakeOverOptions): Promise<JsonObject> {
  const { connection } = messenger;
  try {
    if (connection) return await askRpc(connection, subjects.rpc(name, "list"), {}, { limitMs: LIST_LIMIT_MS });
  } catch (cause) {
    throw new RenewalError(`${name} does not say what it runs: ${describeError(cause)}`, { cause });
  }
  throw new RenewalError("services change hands by way of the broker, which is away", {
    hint: "try again when it is back; or end the launcher and start it anew",
  });
}
