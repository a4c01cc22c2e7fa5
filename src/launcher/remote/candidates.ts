// What NATS holds of configuration, as documents of values: from a message of the bucket, or of the subject of a document.
import type { NatsConnection } from "nats";
import { describeError } from "../../common/errors.ts";
import { TextSource } from "../../config/source-tree.ts";
import type { FleetConfig, RemoteOrigin } from "../../config/types.ts";
import { streamsOf } from "../../messaging/index.ts";
import {
  ConfigStore,
  overlayEntry,
  type ReadSetting,
  readDocument,
  readValues,
  type StoredValue,
} from "../../settings/index.ts";
import type { Candidate, Layer } from "./remote-values.ts";

/** What a message of the bucket says: one document; none when its key is not ours. */
export function settingCandidate(store: ConfigStore, value: StoredValue): Candidate[] {
  const setting = store.decode(value);
  return setting ? [candidateOf(store, setting)] : [];
}

function candidateOf({ name }: ConfigStore, setting: ReadSetting): Candidate {
  const { fault } = setting;
  return { entry: overlayEntry(name, setting), ...(fault === undefined ? {} : { fault }) };
}

/** The stream that stores the document on `subject`. */
export async function documentStream(connection: NatsConnection, subject: string) {
  const found = await streamsOf(connection, subject);
  if (!found.ok) return found;
  const [name] = found.names;
  return name === undefined
    ? { ok: false as const, message: "no stream on this broker stores it" }
    : { ok: true as const, name };
}

/** A message with a document. */
export interface RemoteDocument {
  origin: RemoteOrigin;
  /** Its parts; one with the fault when it has no usable form. */
  candidates: Candidate[];
}

export async function documentOn(subject: string, { data, seq, time }: StoredValue): Promise<RemoteDocument> {
  const origin = { place: `document ${subject}`, revision: seq, time };
  try {
    const entries = await readDocument(new TextSource(`${subject} revision ${seq}`, new TextDecoder().decode(data)));
    return { origin, candidates: entries.map(({ scope, fields }) => ({ entry: { scope, fields, origin } })) };
  } catch (error) {
    const entry = { scope: { kind: "global" }, fields: {}, origin } as const;
    return { origin, candidates: [{ entry, fault: describeError(error) }] };
  }
}

/** All that a broker holds now, read once; a document that cannot be read is none. @throws TcsError when the bucket cannot */
export async function readCandidates(
  connection: NatsConnection,
  { subjectPrefix, configSubject: subject }: Pick<FleetConfig, "subjectPrefix" | "configSubject">,
): Promise<Record<Layer, Candidate[]>> {
  const store = new ConfigStore(subjectPrefix, () => connection);
  const over = (await store.readAll()).map((setting) => candidateOf(store, setting));
  if (subject === undefined) return { over, under: [] };
  const stream = await documentStream(connection, subject);
  const read = stream.ok ? await readValues(connection, stream.name, subject, "last_per_subject") : undefined;
  const last = read?.ok ? read.values.at(-1) : undefined;
  return { over, under: last ? (await documentOn(subject, last)).candidates : [] };
}
