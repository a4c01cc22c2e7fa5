// How tcs config comes to what is kept on the broker: one connection, the values, and who can judge them.
import type { NatsConnection } from "nats";
import type { ServiceInfo } from "../../client/service-info.ts";
import { NotFoundError, UsageError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { dottedFault, splitServiceId } from "../../common/names.ts";
import { nearest } from "../../common/nearest.ts";
import { MASK } from "../../common/secret-words.ts";
import type { JsonSchema } from "../../config/json-schema.ts";
import type { Scope } from "../../config/overlay.ts";
import {
  ConfigStore,
  difference,
  flatten,
  type KnownSchemas,
  type ReadSetting,
  SchemaStore,
  scopeWords,
  stepsOf,
  valueAt,
} from "../../settings/index.ts";
import { type Judge, openJudge } from "../../settings/judge.ts";
import { type BrokerFlags, type FleetAccess, withFleet } from "../fleet-access.ts";
import { whoAmI } from "../who.ts";
import { SettingsConflictError, SettingsRefusedError } from "./errors.ts";
import { heldBackLines } from "./held-back.ts";
import { Refusals } from "./refusals.ts";
import { changeWords, whoWords } from "./words.ts";

export class Settings {
  readonly store: ConfigStore;
  readonly connection: NatsConnection;
  readonly #schemas: SchemaStore;
  readonly #look: FleetAccess["look"];
  readonly #prefix: string;
  #known: Promise<KnownSchemas> | undefined;
  /** By what they judge by: thousands of services of one type share one. */
  readonly #judges = new Map<JsonSchema | "all" | undefined, Promise<Judge>>();

  constructor({ connection, prefix, look }: FleetAccess) {
    this.connection = connection;
    this.#look = look;
    this.#prefix = prefix;
    this.store = new ConfigStore(prefix, () => (connection.isClosed() ? undefined : connection));
    this.#schemas = new SchemaStore(prefix, () => connection);
  }

  /** The schemas that launchers have published. */
  schemas(): Promise<KnownSchemas> {
    this.#known ??= this.#schemas.read();
    return this.#known;
  }

  /** Who judges values of a scope, and knows what is secret in them. */
  async judge(scope: Scope): Promise<Judge> {
    const schemas = (await this.schemas()).of(scope);
    const key = scope.kind === "global" ? "all" : schemas[0];
    const known = this.#judges.get(key) ?? openJudge(schemas, scope.kind === "global");
    this.#judges.set(key, known);
    return await known;
  }

  /** The services that some launcher has, or had when it was heard last; undefined when this cannot be read. */
  async services(): Promise<ServiceInfo[] | undefined> {
    try {
      return (await this.#look()).filter((one) => !one.removed && (one.current || one.declared));
    } catch {
      // Only advice depends on it.
      return undefined;
    }
  }

  /** Listens to what services will say of values that are about to be stored. */
  refusals(scope: Scope): Refusals {
    return new Refusals(this.connection, this.#prefix, scope);
  }

  /** A line for each launcher of `services` that takes no new values now. */
  heldBack(services: readonly ServiceInfo[]): Promise<string[]> {
    return heldBackLines(this.connection, this.#prefix, services);
  }

  /** What a word of a command line is: a service's id, or a type. @throws UsageError */
  async scope(word: string | undefined, global: boolean | undefined): Promise<Scope> {
    if (global) {
      if (word === undefined) return { kind: "global" };
      throw new UsageError(`given both "${word}" and --global`, { hint: "--global means all services" });
    }
    if (word === undefined) throw new UsageError("which service?", { hint: "an id, a type, or --global for all" });
    const fault = dottedFault(word);
    if (fault !== undefined) throw new UsageError(`"${word}" is no name of a service: ${fault}`);
    const known = await this.schemas();
    return known.types.includes(word) || !word.includes(".")
      ? { kind: "type", type: word }
      : { kind: "service", id: word };
  }

  /** The error that there is nothing for a scope, with the nearest for which there is. @param what "is set" or "was ever set" */
  async nothing(scope: Scope, what = "is set"): Promise<NotFoundError> {
    const all = (await this.store.readAll()).filter(({ fields }) => Object.keys(fields).length > 0);
    const names = all.map((setting) =>
      setting.scope.kind === "type" ? setting.scope.type : scopeWords(setting.scope),
    );
    const word = scope.kind === "type" ? scope.type : scopeWords(scope);
    const near = scope.kind === "global" ? undefined : nearest(word, names);
    const hint = near ? `did you mean ${near}?` : '"tcs config list" shows all that is set';
    return new NotFoundError(`nothing ${what} for ${scopeWords(scope)}`, { hint });
  }

  /**
   * Refuses values that are not right.
   * @throws SettingsRefusedError with everything that is wrong
   */
  async check(scope: Scope, fields: JsonObject, options: CheckOptions): Promise<void> {
    const { force = false, place = scopeWords(scope) } = options;
    const judge = await this.judge(scope);
    const secrets = judge.secretsIn(fields).filter((path) => !options.kept?.includes(path));
    const hidden = secrets.filter((path) => valueAt(fields, stepsOf(path)) === MASK);
    if (hidden.length > 0) {
      throw new SettingsRefusedError(
        hidden.map((path) => `${place}: ${path}: ${MASK} stands for a secret, which is not on this broker`),
        "leave it out, or take it along: tcs config export --secrets",
      );
    }
    if (secrets.length > 0 && !force) {
      throw new SettingsRefusedError(
        secrets.map(
          (path) => `${place}: ${path} is a secret: everybody who may read the broker's streams could read it`,
        ),
        "give it by the environment, .env or the file of its host; --force stores it all the same",
      );
    }
    const isUnknown = judge.isBlind && judge.hasOwn(fields);
    if (isUnknown && !force) throw await this.#unknown(scope, place);
    const faults = isUnknown ? [] : judge.faults(place, fields);
    if (faults.length === 0) return;
    const stale = Object.entries(options.stored ?? {}).filter(([name, value]) =>
      judge.faults(place, { [name]: value }).some((fault) => faults.includes(fault)),
    );
    if (stale.length === 0) throw new SettingsRefusedError(faults);
    const word = scope.kind === "global" ? "--global" : scope.kind === "type" ? scope.type : scope.id;
    const names = stale.map(([name]) => name).join(" ");
    throw new SettingsRefusedError(
      faults,
      `nothing was stored; ${stale.length < faults.length ? "some of it" : "that"} is there already: "tcs config unset ${word} ${names}" takes it back`,
    );
  }

  /** Stores values. @param before what they are to replace @throws SettingsConflictError, or why it could not be stored */
  async write(before: ReadSetting, fields: JsonObject, restored?: number): Promise<number> {
    const { scope, revision } = before;
    const stored = await this.store.write(scope, fields, whoAmI(), revision, restored);
    if (stored.ok) return stored.revision;
    if (stored.reason !== "conflict") throw this.store.faultError(stored);
    throw await this.conflict(before, stored.now);
  }

  /** @param before what was known @param now what is there */
  async conflict(before: ReadSetting, now: ReadSetting): Promise<SettingsConflictError> {
    const judge = await this.judge(now.scope);
    if (now.revision === 0) {
      return new SettingsConflictError(
        `nothing is set for ${scopeWords(now.scope)}: it is not at revision ${before.revision}`,
        {
          hint: "nothing was stored",
        },
      );
    }
    const changes = difference(before.fields, now.fields).map((one) => changeWords(one, judge));
    const what = changes.length === 0 ? "without another value" : changes.join(", ");
    const why =
      before.revision > now.revision ? "there is no such one" : `changed ${whoWords(now, Date.now())}: ${what}`;
    return new SettingsConflictError(
      `${scopeWords(now.scope)} is at revision ${now.revision}, not ${before.revision}: ${why}`,
      { hint: "nothing was stored: look at it (tcs config history) and say it again" },
    );
  }

  async #unknown(scope: Scope, place: string): Promise<SettingsRefusedError> {
    const { types } = await this.schemas();
    const type = scope.kind === "type" ? scope.type : scope.kind === "service" ? splitServiceId(scope.id).type : "";
    const near = nearest(type, types);
    const what = scope.kind === "global" ? "no schemas of services are known" : `no schema of ${type} is known`;
    const guess = near ? `did you mean ${near}? ` : "";
    return new SettingsRefusedError(
      [`${place}: ${what}, so that nobody can check the values`],
      `${guess}a launcher publishes them when it starts; --force stores the values unchecked`,
    );
  }
}

export interface CheckOptions {
  force?: boolean | undefined;
  /** What lines begin with. */
  place?: string;
  /** Paths of secrets that were there before and stay. */
  kept?: readonly string[];
  /** What is stored and stays: what is wrong of it can be taken back. */
  stored?: JsonObject;
}

/** The error that a value is not set, with the nearest that is. */
export function notSet(path: string, { scope, fields }: ReadSetting): NotFoundError {
  const near = nearest(path, [...flatten(fields).keys(), ...Object.keys(fields)]);
  return new NotFoundError(
    `${path} is not set for ${scopeWords(scope)}`,
    near ? { hint: `did you mean ${near}?` } : {},
  );
}

/** Connects for the time of `use`. @param name of the connection */
export async function withSettings<T>(
  flags: BrokerFlags,
  name: string,
  use: (settings: Settings) => Promise<T>,
): Promise<T> {
  return await withFleet(flags, `tcs config ${name}`, (access) => use(new Settings(access)));
}
