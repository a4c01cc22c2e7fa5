// Why a service is in the state it is in: as the streams tell it, and as its launchers do.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { askRpc } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { describeSilence } from "./ask-launcher.ts";
import { ANSWER_LIMIT_MS } from "./ask-service.ts";
import type { FleetContact } from "./fleet-contact.ts";
import { launchersOf, reachLaunchers } from "./fleet-reach.ts";
import { namedService } from "./named-service.ts";
import type { ServiceInfo } from "./service-info.ts";

/** What one launcher said, or why it did not. */
export interface WhyAnswer {
  /** Its monitor's name. */
  launcher: string;
  answer?: JsonObject;
  fault?: string;
}

export interface Why {
  id: string;
  /** What the streams know. */
  info: ServiceInfo | undefined;
  answers: WhyAnswer[];
}

const DEFAULT_LINES = 10;

/**
 * What the streams know of a service, and what each launcher that has it says.
 * @param word its id, or as much of it as tells it from others
 * @param lines how many lines of its log, the last; a launcher has up to 50
 * @throws NotFoundError
 */
export async function askWhy(contact: FleetContact, word: string, lines = DEFAULT_LINES): Promise<Why> {
  const { connection, prefix } = contact;
  const services = await contact.look();
  const launchers = await reachLaunchers(connection, services, prefix);
  const listed = launchers.flatMap(({ services }) => services.map(({ serviceId }) => serviceId));
  const id = namedService(word, services, listed);
  const info = services.find(({ serviceId }) => serviceId === id);
  const owners = launchersOf(id, launchers, info);
  const answers = await Promise.all(
    owners.map(async ({ name, reach, info: launcher }): Promise<WhyAnswer> => {
      if (reach !== "answers") return { launcher: name, fault: describeSilence(launcher) };
      try {
        const subject = new Subjects(prefix).rpc(name, `why.${id}`);
        const answer: JsonObject = await askRpc(connection, subject, { lines }, { limitMs: ANSWER_LIMIT_MS });
        return { launcher: name, answer };
      } catch (error) {
        return { launcher: name, fault: describeError(error) };
      }
    }),
  );
  return { id, info, answers };
}
