// The NATS services protocol (ADR-32): who is here answers $SRV.PING, $SRV.INFO and $SRV.STATS, so that `nats micro` sees
// it. Six subscriptions for all services of a connection, and no timer.
import type { Msg } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { VERSION } from "../common/version.ts";
import { randomToken } from "./envelope.ts";
import type { Messenger } from "./messenger.ts";
import type { RequestCounts } from "./request-counts.ts";
import { StandingSubscriptions } from "./standing.ts";

export interface MicroEndpoint {
  /** Its command. */
  name: string;
  subject: string;
  queueGroup: string;
  counts: Readonly<RequestCounts> | undefined;
  /** Whatever else is to be told of it with its counts. */
  data?: JsonObject | undefined;
}

/** What one who is here tells of itself. */
export interface MicroService {
  /** Its kind, as `examples.minimal`: what the protocol does not allow in a name becomes `_`. */
  kind: string;
  description: string;
  metadata(): Record<string, string>;
  endpoints(): MicroEndpoint[];
  /** It can be asked now; default: yes. */
  isUp?(): boolean;
}

interface Present {
  service: MicroService;
  name: string;
  id: string;
  started: string;
}

const VERBS = ["PING", "INFO", "STATS"] as const;
type Verb = (typeof VERBS)[number];

export class MicroDirectory {
  readonly #messenger: Pick<Messenger, "connection" | "state" | "onStateChange">;
  readonly #logger: Logger | undefined;
  readonly #present = new Set<Present>();
  #standing: StandingSubscriptions | undefined;
  #isRefused = false;

  constructor(messenger: Pick<Messenger, "connection" | "state" | "onStateChange">, logger?: Logger) {
    this.#messenger = messenger;
    this.#logger = logger;
  }

  /** Answers for a service from now on. @returns ends it */
  add(service: MicroService): () => void {
    this.#listen();
    const name = microName(service.kind);
    const present = { service, name, id: randomToken(22), started: new Date().toISOString() };
    this.#present.add(present);
    return () => void this.#present.delete(present);
  }

  close(): void {
    this.#standing?.close();
    this.#present.clear();
  }

  #listen(): void {
    if (this.#standing) return;
    this.#standing = new StandingSubscriptions(this.#messenger);
    for (const verb of VERBS) {
      const callback = (error: Error | null, message: Msg) => {
        if (error) this.#refused(error);
        else this.#answer(verb, message);
      };
      for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.>`]) this.#standing.add(subject, callback);
    }
  }

  #answer(verb: Verb, message: Msg): void {
    if (!message.reply) return;
    const [, , name, id, ...more] = message.subject.split(".");
    if (more.length > 0) return;
    for (const one of this.#present) {
      if (name !== undefined && name !== one.name) continue;
      if (id !== undefined && id !== one.id) continue;
      if (one.service.isUp?.() === false) continue;
      try {
        message.respond(JSON.stringify(answerOf(verb, one)));
      } catch (error) {
        // The connection has gone: whoever asked asks again.
        this.#logger?.debug(`an answer to ${message.subject} was not sent: ${describeError(error)}`);
        return;
      }
    }
  }

  /** Only `nats micro` misses something then. */
  #refused(error: Error): void {
    if (!this.#isRefused) this.#logger?.debug(`$SRV requests cannot be received: ${describeError(error)}`);
    this.#isRefused = true;
  }
}

/** A name as the protocol allows it. */
export function microName(kind: string): string {
  return kind.replaceAll(/[^A-Za-z0-9_-]/g, "_") || "service";
}

function answerOf(verb: Verb, { service, name, id, started }: Present): JsonObject {
  const identity = { name, id, version: VERSION, metadata: service.metadata() };
  switch (verb) {
    case "PING":
      return { type: "io.nats.micro.v1.ping_response", ...identity };
    case "INFO":
      return {
        type: "io.nats.micro.v1.info_response",
        ...identity,
        description: service.description,
        endpoints: service.endpoints().map((endpoint) => ({ ...whereabouts(endpoint), metadata: {} })),
      };
    case "STATS":
      return {
        type: "io.nats.micro.v1.stats_response",
        ...identity,
        started,
        endpoints: service.endpoints().map((endpoint) => ({ ...whereabouts(endpoint), ...figures(endpoint) })),
      };
    default:
      return verb satisfies never;
  }
}

function whereabouts({ name, subject, queueGroup }: MicroEndpoint): JsonObject {
  return { name: microName(name), subject, queue_group: queueGroup };
}

/** Times are nanoseconds. */
function figures({ counts, data }: MicroEndpoint): JsonObject {
  const { requests = 0, errors = 0, lastError = "", busyMs = 0 } = counts ?? {};
  return {
    num_requests: requests,
    num_errors: errors,
    last_error: lastError,
    processing_time: Math.round(busyMs * 1e6),
    average_processing_time: requests === 0 ? 0 : Math.round((busyMs / requests) * 1e6),
    ...(data === undefined ? {} : { data }),
  };
}
