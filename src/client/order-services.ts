// An operator's order to any number of services: which they are, which launchers have them, and what came of it.
import { NotFoundError } from "../common/errors.ts";
import { launcherWords } from "../common/launcher-words.ts";
import { describeSilence } from "./ask-launcher.ts";
import type { FleetContact } from "./fleet-contact.ts";
import { launchersOf, type ReachedLauncher, reachLaunchers } from "./fleet-reach.ts";
import { unclearName } from "./named-service.ts";
import { giveOrder, type OrderOptions, type OrderResult, type OrderVerb } from "./orders.ts";
import { selectServices } from "./select.ts";
import type { ServiceInfo } from "./service-info.ts";

export interface ServiceOrderOptions extends OrderOptions {
  /** Only at the launcher with this in its name: when two have the same service. */
  launcher?: string | undefined;
}

/**
 * Gives an order to all that `words` mean, and waits until it is done or is not going to be. A result may also be that
 * it was not done, and why: it rejects only before anything was begun.
 * @param words ids, as much of them as tells them from others, or patterns as `camera.*`
 * @throws NotFoundError when a word means nothing: then nothing is done for the others either
 * @throws TcsError when the fleet cannot be read
 */
export async function orderServices(
  contact: FleetContact,
  verb: OrderVerb,
  words: readonly string[],
  options: ServiceOrderOptions,
): Promise<OrderResult[]> {
  const targets = await findTargets(contact, verb, words, options.launcher);
  return await Promise.all(
    targets.map(async ({ serviceId, launcher, fault }): Promise<OrderResult> => {
      if (!launcher || fault !== undefined) return { serviceId, launcher: launcher?.name, ok: false, error: fault };
      return await giveOrder(contact.connection, contact.prefix, verb, serviceId, launcher, options);
    }),
  );
}

interface Target {
  serviceId: string;
  launcher?: ReachedLauncher | undefined;
  /** Why no order can be given. */
  fault?: string;
}

/** @throws NotFoundError when a word means nothing: then nothing is done for the others either */
async function findTargets(
  { connection, prefix, look }: FleetContact,
  verb: OrderVerb,
  words: readonly string[],
  launcherName: string | undefined,
): Promise<Target[]> {
  const services = await look();
  const everyone = await reachLaunchers(connection, services, prefix);
  const launchers = launcherName === undefined ? everyone : everyone.filter(({ name }) => name.includes(launcherName));
  if (launcherName !== undefined && launchers.length === 0) {
    const names = everyone.map(({ name }) => name).join(", ");
    throw new NotFoundError(
      `no launcher has "${launcherName}" in its name`,
      names ? { hint: `there are ${names}` } : {},
    );
  }
  const infos = new Map(services.filter(({ kind }) => kind === "service").map((info) => [info.serviceId, info]));
  const listed = launchers.flatMap(({ services }) => services.map(({ serviceId }) => serviceId));
  const expected = [...infos.values()].filter((info) => info.declared && !info.removed && info.current);
  const { ids, unclear } = selectServices(
    words,
    new Set([...listed, ...infos.keys()]),
    new Set([...listed, ...expected.map(({ serviceId }) => serviceId)]),
  );
  const [first] = unclear;
  const more = unclear.length > 1 ? ` (and ${unclear.length - 1} more like it)` : "";
  if (first) throw unclearName(first.word, first.meaning, `${more}; nothing was done`);
  return ids.flatMap((id) => targetsOf(verb, id, launchersOf(id, launchers, infos.get(id)), infos.get(id), launchers));
}

function targetsOf(
  verb: OrderVerb,
  serviceId: string,
  owners: readonly ReachedLauncher[],
  info: ServiceInfo | undefined,
  launchers: readonly ReachedLauncher[],
): Target[] {
  const [owner, ...others] = owners;
  if (!owner) return [{ serviceId, fault: whyNoLauncher(info, launchers) }];
  // A stop is meant whoever runs it; a start at two launchers would make two of it.
  if (others.length > 0 && verb !== "stop") {
    const names = owners.map(({ name }) => name).join(" and ");
    return [{ serviceId, fault: `it is in the configuration of ${names}: say which with --launcher` }];
  }
  return owners.map((launcher) => ({
    serviceId,
    launcher,
    ...(launcher.reach === "absent" ? { fault: describeSilence(launcher.info) } : {}),
  }));
}

function whyNoLauncher(info: ServiceInfo | undefined, launchers: readonly ReachedLauncher[]): string {
  if (!info) return "nothing is known of it";
  if (info.removed) return "it is no longer in its launcher's configuration";
  if (info.ephemeral) {
    const where =
      info.host === undefined ? "" : ` on ${info.host}${info.pid === undefined ? "" : ` (pid ${info.pid})`}`;
    return `it is run by hand${where}: no launcher controls it`;
  }
  const parent = launchers.find(({ name }) => name === info.parent);
  if (parent?.reach === "answers") return `${launcherWords(parent.name) ?? parent.name} no longer has it`;
  return describeSilence(parent?.info);
}
