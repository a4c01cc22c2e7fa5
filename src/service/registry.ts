// Decorators and the registry they fill: which classes are services, of what type, with what configuration.
import { dottedFault } from "../common/names.ts";
import type { BaseServiceConfig, ConfigSchema } from "../config/service-config.ts";
import {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseService,
  BaseSingleShotService,
} from "./base-service.ts";
import { ServiceDefinitionError } from "./errors.ts";
import { LifecycleService } from "./lifecycle-service.ts";

/** A concrete service class whose configuration is `S`. */
export type ServiceClass<S extends ConfigSchema = ConfigSchema> = new () => BaseService<S>;

export interface ServiceRegistration {
  serviceClass: ServiceClass;
  /** Type given in the decorator; absent when the file name gives it. */
  type?: string;
  config?: ConfigSchema;
  description?: string;
  /** Call stack of the decorator: it names the file the class stands in. */
  stack: string;
}

const registrations = new Map<ServiceClass, ServiceRegistration>();

/** The classes that were registered by the file at `path`, exported or not. */
export function servicesRegisteredBy(path: string): ServiceClass[] {
  return [...registrations.values()].filter(({ stack }) => stack.includes(path)).map((r) => r.serviceClass);
}

/** The registration of exactly this class. */
export function registrationOf(serviceClass: ServiceClass): ServiceRegistration | undefined {
  return registrations.get(serviceClass);
}

type ClassDecorator<S extends ConfigSchema> = <C extends ServiceClass<S>>(
  target: C,
  context: ClassDecoratorContext<C>,
) => void;

export interface ServiceOptions<S extends ConfigSchema> {
  /** Service type; by default the name of the file. */
  type?: string;
  /** zod schema of the configuration; by default only the fields that every service has. */
  config?: S;
  /** What it is for, a sentence: `tcs services` shows it. By default the comment before the class, or at the top of the file. */
  description?: string;
}

/**
 * Registers a class as a service.
 * @example
 * ```ts
 * @service                                     // type from the file name
 * @service("telescope_monitor")                // type given
 * @service({ config: Config })                 // with a typed configuration
 * ```
 * @throws ServiceDefinitionError when the class cannot work as written
 */
export function service<C extends ServiceClass>(target: C, context: ClassDecoratorContext<C>): void;
export function service(type: string): ClassDecorator<typeof BaseServiceConfig>;
export function service<S extends ConfigSchema = typeof BaseServiceConfig>(
  options: ServiceOptions<S>,
): ClassDecorator<S>;
export function service(
  first: ServiceClass | string | ServiceOptions<ConfigSchema>,
  context?: ClassDecoratorContext,
): unknown {
  if (typeof first === "function" && context) {
    register(first, {});
    return undefined;
  }
  if (typeof first === "function")
    throw new ServiceDefinitionError("@service() needs a type or options, or no brackets");
  const options = typeof first === "string" ? { type: first } : first;
  return (target: ServiceClass) => register(target, options);
}

/**
 * Gives a service class its configuration schema: the same as `@service({ config })`.
 * @example `@service @config(Config) export class Dome extends BaseBlockingPermanentService<typeof Config> { … }`
 */
export function config<S extends ConfigSchema>(schema: S): ClassDecorator<S> {
  return (target) => {
    register(target, { config: schema });
  };
}

function register(target: ServiceClass, options: ServiceOptions<ConfigSchema>): void {
  if (options.type !== undefined) {
    const fault = dottedFault(options.type);
    if (fault) throw new ServiceDefinitionError(`@service("${options.type}") on ${target.name}: bad type: ${fault}`);
  }
  checkServiceClass(target);
  const stack = new Error().stack ?? "";
  registrations.set(target, { ...registrations.get(target), serviceClass: target, stack, ...definedOnly(options) });
}

function definedOnly(options: ServiceOptions<ConfigSchema>): Partial<ServiceRegistration> {
  return {
    ...(options.type === undefined ? {} : { type: options.type }),
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.description === undefined ? {} : { description: options.description }),
  };
}

/** Whether `value` is a class that extends one of the service base classes. */
export function isServiceClass(value: unknown): value is ServiceClass {
  return typeof value === "function" && value.prototype instanceof BaseService && !BASES.has(value);
}

const BASES: ReadonlySet<unknown> = new Set([
  BaseService,
  BasePermanentService,
  BaseBlockingPermanentService,
  BaseSingleShotService,
  LifecycleService,
]);

/** Methods of the Python framework that services override, and what they are called here. */
const OLDER_MEMBERS = [
  ["start_service", "startService"],
  ["_start_service", "startService"],
  ["stop_service", "stopService"],
  ["_stop_service", "stopService"],
  ["run_service", "runService"],
  ["on_start", "onStart"],
  ["on_stop", "onStop"],
] as const;

/** Refuses classes whose overrides would be silently ignored. @throws ServiceDefinitionError */
export function checkServiceClass(target: ServiceClass): void {
  const prototype: object = target.prototype;
  if (!(prototype instanceof BaseService)) {
    throw new ServiceDefinitionError(`@service on ${target.name}: it does not extend a service class`, {
      hint: "extend BaseBlockingPermanentService, BasePermanentService, BaseSingleShotService or LifecycleService",
    });
  }
  const has = (name: string) => typeof Reflect.get(prototype, name) === "function";
  const older = OLDER_MEMBERS.filter(([name]) => has(name));
  if (older.length > 0) {
    const given = older.map(([name]) => name).join(" and ");
    throw new ServiceDefinitionError(`${target.name} has ${given}, which nobody calls`, {
      hint: `write ${older.map(([, name]) => name).join(" and ")}`,
    });
  }
  if (prototype instanceof BaseBlockingPermanentService) {
    refuse(
      target,
      ["startService", "stopService"],
      "a blocking service: override runService for its loop, onStart and onStop for set-up and clean-up",
    );
    if (!has("runService")) throw new ServiceDefinitionError(`${target.name} must override runService`);
  } else if (prototype instanceof BaseSingleShotService) {
    refuse(
      target,
      ["startService", "stopService", "runService"],
      "a single-shot service: override execute, and onStart and onStop where needed",
    );
    if (!has("execute")) throw new ServiceDefinitionError(`${target.name} must override execute`);
  } else if (prototype instanceof LifecycleService) {
    refuse(
      target,
      ["startService", "stopService", "runService", "execute", "onStart", "onStop"],
      "a lifecycle service: override start, run and stop, and call super in each",
    );
  } else {
    refuse(
      target,
      ["runService", "execute"],
      "a permanent service: override startService and stopService, or extend BaseBlockingPermanentService",
    );
  }
}

function refuse(target: ServiceClass, names: readonly string[], why: string): void {
  const found = names.filter((name) => typeof Reflect.get(target.prototype, name) === "function");
  if (found.length > 0) {
    throw new ServiceDefinitionError(`${target.name} overrides ${found.join(" and ")}, but it is ${why}`);
  }
}
