// The round of the doctor: every check that can be made, each with a time limit, none able to spoil another.
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import type { NatsSettings } from "../config/types.ts";
import { askJetStream } from "../messaging/jetstream.ts";
import type { BrokerContext, Check, CheckGroup, ConfigContext, ConfigToCheck, HostContext } from "./check.ts";
import { GROUPS } from "./checks.ts";
import { error, type Finding, type Level, worstLevel } from "./finding.ts";
import { FleetLook } from "./fleet-look.ts";
import { tryServers } from "./trials.ts";

export interface DiagnoseOptions {
  /** Where the broker should be; or why that cannot be told. */
  broker: NatsSettings | { fault: string };
  /** Also checked, when given. */
  config?: ConfigToCheck | undefined;
  env?: Record<string, string | undefined>;
  /** Default: all there are. */
  groups?: readonly CheckGroup[];
}

export interface CheckReport {
  name: string;
  group: string;
  /** Never empty, unless it was skipped. */
  findings: Finding[];
  milliseconds: number;
  /** What it would have needed. */
  skipped?: "broker" | "jetstream";
  /** It was given up: whatever it began may still be going on. */
  late?: true;
}

export interface Diagnosis {
  level: Level;
  /** A broker answers. */
  reachable: boolean;
  reports: CheckReport[];
}

const LIMIT_MS = 5_000;

/** Makes all checks. Never rejects. */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { env = process.env, config, groups = GROUPS } = options;
  const wanted =
    "fault" in options.broker ? options.broker : { settings: options.broker, trials: await tryServers(options.broker) };
  const trials = "trials" in wanted ? wanted.trials : [];
  const connections = trials.flatMap(({ outcome }) => (outcome.ok ? [outcome.connection] : []));
  const [connection] = connections;
  const host: HostContext = { env, broker: wanted };
  try {
    const broker =
      connection && "settings" in wanted
        ? { ...host, settings: wanted.settings, look: new FleetLook(connection, wanted.settings.subjectPrefix) }
        : undefined;
    const jetstream =
      broker && (await askJetStream(broker.look.connection, "INFO", {}, LIMIT_MS)).ok ? broker : undefined;
    const round = new Round({ host, config: config && { ...host, config }, broker, jetstream });
    const reports = await round.makeAll(groups);
    return {
      level: worstLevel(reports.flatMap(({ findings }) => findings)),
      reachable: connection !== undefined,
      reports,
    };
  } finally {
    // Nothing is under way that would be lost, and nobody should wait for it.
    for (const each of connections) void each.close();
  }
}

/** What there is to look at. */
interface Contexts {
  host: HostContext;
  config: ConfigContext | undefined;
  broker: BrokerContext | undefined;
  /** The broker, if it has JetStream. Why it has none, the check of JetStream tells. */
  jetstream: BrokerContext | undefined;
}

class Round {
  readonly #contexts: Contexts;

  constructor(contexts: Contexts) {
    this.#contexts = contexts;
  }

  async makeAll(groups: readonly CheckGroup[]): Promise<CheckReport[]> {
    const all = groups.flatMap(({ title, checks }) => checks.map((check) => ({ title, check })));
    const reports = new Map<Check, CheckReport | undefined>();
    for (const { title, check } of all) if (check.alone) reports.set(check, await this.make(title, check));
    await Promise.all(
      all.map(async ({ title, check }) => {
        if (!check.alone) reports.set(check, await this.make(title, check));
      }),
    );
    return all.flatMap(({ check }) => reports.get(check) ?? []);
  }

  /** @returns undefined when it was not asked for */
  async make(group: string, check: Check): Promise<CheckReport | undefined> {
    const head = { name: check.name, group };
    const run = this.#prepare(check);
    if (run === undefined) return undefined;
    if (typeof run === "string") return { ...head, findings: [], milliseconds: 0, skipped: run };
    const began = performance.now();
    const limitMs = check.limitMs ?? LIMIT_MS;
    // In a promise of its own, so that what it throws at once is caught as well.
    const made = Promise.resolve().then(run).catch(failure);
    const isInTime = await atMost(limitMs, made);
    const milliseconds = performance.now() - began;
    if (!isInTime) return { ...head, findings: [tooLong(limitMs)], milliseconds, late: true };
    return { ...head, findings: await made, milliseconds };
  }

  /** The check, ready to run; or what is missing for it. */
  #prepare(check: Check): (() => Promise<Finding[]>) | "broker" | "jetstream" | undefined {
    const { host, config, broker, jetstream } = this.#contexts;
    switch (check.needs) {
      case "nothing":
        return () => check.run(host);
      case "config":
        return config && (() => check.run(config));
      case "broker":
        return broker ? () => check.run(broker) : "broker";
      case "jetstream":
        return jetstream ? () => check.run(jetstream) : broker ? "jetstream" : "broker";
      default:
        return check satisfies never;
    }
  }
}

function failure(cause: unknown): Finding[] {
  return [error(`could not be checked: ${describeError(cause)}`, "mend that first; the other checks are not affected")];
}

function tooLong(limitMs: number): Finding {
  return error(
    `gave no result within ${limitMs / 1000} s`,
    "what it asks hangs: the broker, a disk or a file; run tcs doctor again when the rest is well",
  );
}
