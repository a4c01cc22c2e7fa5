// Turns the messages of registry and status, in the order of their streams, into the story of the fleet.
import { countOf } from "../../common/plural.ts";
import { isHealthy, type Status } from "../../monitoring/status.ts";
import { explain } from "../culprit.ts";
import { explainCrash } from "../exit-words.ts";
import {
  noCounts,
  object,
  parseSubject,
  type RegistryFact,
  registryFact,
  statusFact,
  type WireMessage,
} from "../facts.ts";
import type { EntryKind, Severity, TimelineEntry } from "./entry.ts";

/** `stop by ann@vm: dome is open`, as launchers give the reason of an order. */
const ORDER = /^(start|stop|restart|reload) by (\S+?)(?:: (.*))?$/s;
/** What a service of ours says when its own code has failed. */
const LAST_WORDS = /^(?:Runtime error|Startup failed|Crashed): /;
/** Statuses that a registry event tells as well. */
const TOLD_BY_EVENTS: ReadonlySet<Status> = new Set(["startup", "shutdown"]);
/** An entry may be told twice (its launcher corrects what others said): so many are remembered. */
const MOST_REMEMBERED = 50_000;
/** A status that follows a crash so soon tells the same once more, milliseconds. */
const SAME_NEWS_MS = 1_000;

interface Past {
  status?: Status;
  /** When the last end was told, and when the last restart. */
  endedAt: number;
  restartedAt: number;
  /** Of a launcher: it has begun, and was not well yet. */
  isBeginning?: boolean;
}

export class Timeline {
  readonly #prefix: string;
  readonly #past = new Map<string, Past>();
  #told = new Set<string>();
  readonly #counts = noCounts();

  /** @param prefix subject prefix of the fleet */
  constructor(prefix = "svc") {
    this.#prefix = prefix;
  }

  /** The entry that a message makes, if it makes one. Messages of one service must come in the order they were sent. */
  take(message: WireMessage): TimelineEntry | undefined {
    const subject = parseSubject(this.#prefix, message.subject);
    const data = object(message.data);
    if (!subject || !data || subject.stream === "heartbeat") return undefined;
    const past = this.#past.get(subject.id) ?? { endedAt: 0, restartedAt: 0 };
    this.#past.set(subject.id, past);
    if (subject.stream === "status") {
      const fact = statusFact(data, message, this.#counts);
      return this.#status(subject.id, past, fact);
    }
    const fact = registryFact(subject.event, data, message, this.#counts);
    const key = `${fact.at} ${subject.event} ${subject.id} ${fact.parent ?? ""}`;
    if (!this.#isNew(key)) return undefined;
    const order = typeof data.ordered_by === "string" ? data.ordered_by : undefined;
    const orderReason = typeof data.order_reason === "string" ? data.order_reason : undefined;
    return this.#event(subject.id, past, fact, order, orderReason);
  }

  #isNew(key: string): boolean {
    if (this.#told.has(key)) return false;
    if (this.#told.size >= MOST_REMEMBERED) this.#told = new Set([...this.#told].slice(MOST_REMEMBERED / 2));
    this.#told.add(key);
    return true;
  }

  #status(serviceId: string, past: Past, fact: ReturnType<typeof statusFact>): TimelineEntry | undefined {
    const previous = past.status;
    const { status } = fact;
    past.status = status;
    if (status === previous) return undefined;
    const isLauncher = serviceId.startsWith("launcher.");
    // What was first heard of a service, and what its events tell better.
    const isRoutine = TOLD_BY_EVENTS.has(status) || (isHealthy(status) && (!previous || TOLD_BY_EVENTS.has(previous)));
    const isEcho = !isHealthy(status) && Math.abs(fact.at - past.endedAt) < SAME_NEWS_MS;
    if ((isRoutine && !isLauncher) || isEcho) return undefined;
    const words = explain(fact);
    const change = isLauncher ? launcherWords(status, fact.message, past) : undefined;
    // A launcher's status follows from its services'; and a service that says why it ends is told of by its launcher too.
    const isMinor = isLauncher ? change === undefined : fact.parent !== undefined && LAST_WORDS.test(words ?? "");
    return {
      ...common(serviceId, fact),
      kind: "status",
      severity: severityOf(status),
      text: change ?? (words === undefined ? status : `${status}: ${words}`),
      minor: isMinor,
      status,
      previous,
    };
  }

  #event(
    serviceId: string,
    past: Past,
    fact: RegistryFact,
    orderedBy: string | undefined,
    orderReason: string | undefined,
  ): TimelineEntry | undefined {
    const entry = (kind: EntryKind, severity: Severity, text: string, minor = false): TimelineEntry => ({
      ...common(serviceId, fact),
      kind,
      severity,
      text,
      minor,
    });
    switch (fact.event) {
      case "declared":
        return entry("declared", "info", "declared by its launcher", true);
      case "start": {
        const isRestart = past.restartedAt > 0 && fact.at - past.restartedAt < SAME_NEWS_MS;
        const by = orderedBy === undefined ? {} : { by: orderedBy, reason: orderReason };
        const who =
          orderedBy === undefined ? "" : ` by ${orderedBy}${orderReason === undefined ? "" : `: ${orderReason}`}`;
        return { ...entry("started", "info", `started${who}${whereOf(fact)}`, isRestart), ...by };
      }
      case "ready":
        return entry("ready", "info", "ready", true);
      case "stopping": {
        const [, verb, by, reason] = ORDER.exec(fact.reason ?? "") ?? [];
        if (by === undefined)
          return entry("stopping", "info", `asked to stop: ${fact.reason ?? "no reason given"}`, true);
        return {
          ...entry("order", "info", `${verb} by ${by}${reason === undefined ? "" : `: ${reason}`}`),
          by,
          reason,
        };
      }
      case "stop": {
        past.endedAt = fact.at;
        const isForced = fact.reason === "force_killed";
        const words = isForced
          ? "force-killed: it did not stop in time"
          : fact.reason === "completed"
            ? "completed"
            : "stopped";
        const removed = fact.removedBy === undefined ? "" : `, and taken out of the configuration by ${fact.removedBy}`;
        return { ...entry("stopped", isForced ? "warning" : "info", `${words}${removed}`), ...endOf(fact) };
      }
      case "crashed": {
        past.endedAt = fact.at;
        const { exitCode, error } = fact;
        const how = exitCode === undefined ? error : explainCrash(exitCode, error);
        const next = fact.willRestart === true ? "; to be restarted" : "";
        const words = how === undefined ? "crashed" : `crashed, ${how}`;
        return { ...entry("crashed", "error", `${words}${next}`), ...endOf(fact) };
      }
      case "restarting": {
        past.restartedAt = fact.at;
        const { restartAttempt: attempt, restartMax: max } = fact;
        const count = attempt === undefined ? "" : ` ${attempt}${typeof max === "number" ? ` of ${max}` : ""}`;
        return entry("restarting", "warning", `restart${count}`);
      }
      case "failed": {
        past.endedAt = fact.at;
        const count = fact.restartCount === undefined ? "" : ` after ${countOf(fact.restartCount, "restart")}`;
        return entry("failed", "error", `given up${count}`);
      }
      default:
        return fact.event satisfies never;
    }
  }
}

function common(serviceId: string, { at, parent, host, pid }: RegistryFact | ReturnType<typeof statusFact>) {
  return { time: at, serviceId, launcher: parent, host, pid };
}

function endOf({ exitCode, heldBy }: RegistryFact): Pick<TimelineEntry, "exitCode" | "by" | "reason"> {
  return { exitCode, ...(heldBy ? { by: heldBy.by, reason: heldBy.reason } : {}) };
}

function whereOf({ pid, host }: RegistryFact): string {
  if (pid === undefined) return "";
  return host === undefined ? `, pid ${pid}` : `, pid ${pid} on ${host}`;
}

/** As `2 of 3 services running; dome.main startup`: that one of its services starts is no beginning of the launcher. */
const SUMMARY = /^\d/;

function launcherWords(status: Status, message: string | undefined, past: Past): string | undefined {
  const isSummary = SUMMARY.test(message ?? "");
  if (status === "startup" && !isSummary) {
    past.isBeginning = true;
    return "launcher started";
  }
  if (status === "shutdown") return isSummary ? undefined : "launcher stopped";
  if (!past.isBeginning || !isHealthy(status)) return undefined;
  past.isBeginning = false;
  return "launcher ready";
}

function severityOf(status: Status): Severity {
  if (status === "error" || status === "failed") return "error";
  return status === "degraded" || status === "warning" || status === "unknown" ? "warning" : "info";
}
