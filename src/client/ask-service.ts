// One request to one service, and why it is not answered when it is not.
import { NotFoundError, type TcsError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { dottedFault } from "../common/names.ts";
import { MetaSource } from "../messaging/envelope.ts";
import { askRpc, RpcNoResponderError, RpcRefusedError, RpcTimeoutError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { describeSilence } from "./ask-launcher.ts";
import { ServiceSilentError } from "./errors.ts";
import type { FleetContact } from "./fleet-contact.ts";
import { namedService } from "./named-service.ts";
import type { ServiceInfo } from "./service-info.ts";

/** How long the answer may take by default, milliseconds: longer than a service's checks and metrics may. */
export const ANSWER_LIMIT_MS = 10_000;

/**
 * Asks a service (or a launcher, by its monitor's name).
 * @param word its id, or as much of it as tells it from others
 * @throws NotFoundError with the nearest name, when nothing is known of it
 * @throws RpcRefusedError with its refusal, ServiceSilentError with what is known of it when it is silent
 */
export async function askService(
  contact: FleetContact,
  word: string,
  command: string,
  data: JsonObject = {},
  limitMs = ANSWER_LIMIT_MS,
): Promise<JsonObject> {
  const fault = dottedFault(word);
  if (fault) throw new NotFoundError(`"${word}" is no service id: ${fault}`, { hint: LIST });
  const look = async () => namedService(word, await contact.look());
  // What has a dot may be a whole id: then there is nothing to look for.
  const id = word.includes(".") ? word : await look();
  try {
    return await ask(contact, id, command, data, limitMs);
  } catch (error) {
    const other = error instanceof NotFoundError ? await look() : id;
    if (other === id) throw error;
    return await ask(contact, other, command, data, limitMs);
  }
}

async function ask(
  contact: FleetContact,
  id: string,
  command: string,
  data: JsonObject,
  limitMs: number,
): Promise<JsonObject> {
  const who = contact.by === undefined ? {} : { meta: new MetaSource(contact.by) };
  const answer = askRpc(contact.connection, new Subjects(contact.prefix).rpc(id, command), data, { limitMs, ...who });
  try {
    return await Promise.race([answer, orSilence(contact, id, answer)]);
  } catch (error) {
    if (!(error instanceof RpcNoResponderError) && !(error instanceof RpcTimeoutError)) throw error;
    const refusal = error instanceof RpcNoResponderError && (await refusalOf(contact, id, command));
    if (refusal) throw refusal;
    const late = error instanceof RpcTimeoutError ? error.message : undefined;
    const services = await contact.look();
    throw whySilent(id, services, late);
  }
}

/** Of a foreign program: its launcher answers some commands, and nobody the others. */
async function refusalOf({ connection, prefix }: FleetContact, id: string, command: string) {
  try {
    await askRpc(connection, new Subjects(prefix).rpc(id, "health"), {}, { limitMs: SIGN_OF_LIFE_MS });
    return new RpcRefusedError(`${id} has no command "${command}"`);
  } catch (error) {
    return error instanceof RpcRefusedError ? error : undefined;
  }
}

const LIST = '"tcs list" lists all services';
/** After this it is looked whether anybody can answer at all, milliseconds. */
const PATIENCE_MS = 300;
/** How long a launcher may take for a sign of life, milliseconds. */
const SIGN_OF_LIFE_MS = 3_000;

/**
 * Rejects when nobody can answer. That nobody listens is not always told by the broker: whoever listens to all of a
 * fleet, as a dashboard does, counts as a listener.
 */
async function orSilence(contact: FleetContact, id: string, answer: Promise<unknown>): Promise<never> {
  const never = new Promise<never>(() => undefined);
  if (await settlesWithin(answer, PATIENCE_MS)) return never;
  const services = await contact.look();
  const info = services.find(({ serviceId }) => serviceId === id);
  if (!info || info.removed) throw whySilent(id, services, undefined);
  const isByHand = info.kind === "launcher" || info.ephemeral || info.parent === undefined;
  if (isByHand) {
    if (!info.running || info.zombie) throw whySilent(id, services, undefined);
    return never;
  }
  try {
    const subject = new Subjects(contact.prefix).rpc(String(info.parent), "describe");
    await askRpc(contact.connection, subject, {}, { limitMs: SIGN_OF_LIFE_MS });
  } catch (error) {
    if (!(error instanceof RpcRefusedError)) throw whySilent(id, services, undefined);
  }
  // Its launcher lives, and answers for it if it does not.
  return never;
}

async function settlesWithin(answer: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // Cleared, or it would keep the command from ending.
  const timer = setTimeout(() => resolve(false), limitMs);
  answer.then(
    () => resolve(true),
    () => resolve(true),
  );
  const inTime = await promise;
  clearTimeout(timer);
  return inTime;
}

/** @param late what is said of an answer that did not come in time; absent when nobody listens */
function whySilent(id: string, services: readonly ServiceInfo[], late: string | undefined): TcsError {
  const info = services.find(({ serviceId }) => serviceId === id);
  if (!info) return new NotFoundError(`no service "${id}"`, { hint: LIST });
  const hint = `"tcs why ${id}" tells what is known of it`;
  if (late !== undefined) return new ServiceSilentError(`${id}: ${late}; last said ${info.reportedStatus}`, { hint });
  if (info.removed)
    return new ServiceSilentError(`${id} does not answer: it is no longer in its launcher's configuration`, { hint });
  const launcher = services.find(({ serviceId }) => serviceId === info.parent);
  const why =
    info.kind === "service" && info.declared ? describeSilence(launcher) : "it takes no commands, or has ended";
  return new ServiceSilentError(`${id} does not answer: ${why}; last said ${info.reportedStatus}`, { hint });
}
