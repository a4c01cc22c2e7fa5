// Services that refuse values in the moment in which they are set: whoever sets them is told, not only the log.
import type { NatsConnection } from "nats";
import type { ServiceInfo } from "../../client/service-info.ts";
import { isJsonObject, type JsonObject } from "../../common/json.ts";
import type { Scope } from "../../config/overlay.ts";
import { decode } from "../../messaging/envelope.ts";
import { Subjects } from "../../messaging/subjects.ts";
import { clean } from "../display/width.ts";

/** The longest that somebody waits for it, and how long a service may have another word to say, milliseconds. */
const LIMIT_MS = 1_000;
const QUIET_MS = 150;

/** What was heard of values. */
export interface Heard {
  /** A line for each service that has refused them. */
  refused: string[];
  /** Services that have said nothing. */
  silent: ServiceInfo[];
}

/** Hears what becomes of values; begun before they are stored. */
export class Refusals {
  /** The latest that each service said; undefined: that it has another row. */
  readonly #heard = new Map<string, JsonObject | undefined>();
  #wake: () => void = () => undefined;
  readonly #stop: () => void;

  constructor(connection: NatsConnection, prefix: string, scope: Scope) {
    if (scope.kind === "global") {
      // Which of all the services have such a field is not known here.
      this.#stop = () => undefined;
      return;
    }
    const name = scope.kind === "type" ? `${scope.type}.*` : scope.id;
    const subscription = connection.subscribe(new Subjects(prefix).registry("declared", name), {
      // An error is that the broker does not let us listen: then nothing is heard.
      callback: (error, message) => {
        const said = error ? undefined : decode(message.data);
        if (!said?.ok || typeof said.data?.service_id !== "string") return;
        const change = said.data.config_change;
        this.#heard.set(said.data.service_id, isJsonObject(change) ? change : undefined);
        this.#wake();
      },
    });
    this.#stop = () => subscription.unsubscribe();
  }

  /** What those of `services` say whose values these are. Waits until all have said something, a second at most. */
  async hear(services: readonly ServiceInfo[], scope: Scope): Promise<Heard> {
    const present = services.filter(({ current, kind }) => current && kind === "service");
    if (scope.kind === "global") return { refused: [], silent: present };
    const meant = present.filter((one) => isMeant(one, scope)).map(({ serviceId }) => serviceId);
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      const open = meant.some((id) => !this.#heard.has(id));
      const isSettled = !open && meant.every((id) => isGood(this.#heard.get(id)));
      const leftMs = deadline - performance.now();
      if (isSettled || leftMs <= 0) break;
      const isQuiet = await this.#news(open ? leftMs : Math.min(QUIET_MS, leftMs));
      if (isQuiet && !open) break;
    }
    this.#stop();
    const refused = meant.flatMap((id) => {
      const change = this.#heard.get(id);
      if (change?.result !== "refused") return [];
      const keys = Array.isArray(change.keys) ? change.keys.join(", ") : "";
      return [clean(`${id} has refused its new values (${keys}): ${String(change.error)}; it keeps those before`)];
    });
    const unheard = new Set(meant.filter((id) => !this.#heard.has(id)));
    return { refused, silent: present.filter(({ serviceId }) => unheard.has(serviceId)) };
  }

  /** @returns whether nothing came */
  async #news(limitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(true), limitMs);
    this.#wake = () => resolve(false);
    const isQuiet = await promise;
    clearTimeout(timer);
    return isQuiet;
  }
}

/** It was told and said yes: no other word follows. */
function isGood(change: JsonObject | undefined): boolean {
  return change?.result === "applied" || change?.result === "ignored";
}

function isMeant({ serviceId }: ServiceInfo, scope: Scope): boolean {
  if (scope.kind === "service") return serviceId === scope.id;
  return scope.kind === "type" && serviceId.slice(0, serviceId.lastIndexOf(".")) === scope.type;
}
