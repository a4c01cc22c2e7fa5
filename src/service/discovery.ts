// Which class in a module is the service asked for, and which schema is its configuration.
import { nearest } from "../common/nearest.ts";
import { BaseServiceConfig, type ConfigSchema } from "../config/service-config.ts";
import { type ConfigCheck, configCheck } from "./config-check.ts";
import { ServiceDefinitionError } from "./errors.ts";
import { checkServiceClass, isServiceClass, registrationOf, type ServiceClass } from "./registry.ts";

export interface FoundService {
  serviceClass: ServiceClass;
  config: ConfigSchema;
}

export interface ModuleToSearch {
  /** The module's exports. */
  exports: Record<string, unknown>;
  /** For messages: path or name of the module. */
  name: string;
  /** The service type asked for. */
  type: string;
  /** Classes that the module registered, exported or not. */
  registeredHere?: readonly ServiceClass[];
}

/**
 * Finds the service class of a module: decorator first, then the exports `service_class`/`serviceClass`,
 * then the only exported subclass.
 * @throws ServiceDefinitionError when there is none, or more than one could be meant
 */
export function findService(module: ModuleToSearch): FoundService {
  const serviceClass = findClass(module);
  checkServiceClass(serviceClass);
  return { serviceClass, config: checkedBy(serviceClass, findConfig(module, serviceClass)) };
}

function findClass(module: ModuleToSearch): ServiceClass {
  const exported = [...new Set(Object.values(module.exports))].filter(isServiceClass);
  const decorated = [...new Set([...exported, ...(module.registeredHere ?? [])])].filter((c) => registrationOf(c));
  const named = decorated.filter((c) => registrationOf(c)?.type === module.type);
  if (named.length > 0) return only(named, module, `are registered as "${module.type}"`);
  const bare = decorated.filter((c) => registrationOf(c)?.type === undefined);
  if (bare.length > 0) return only(bare, module, "have a bare @service");
  if (decorated.length > 0) {
    const types = decorated.map((c) => registrationOf(c)?.type ?? "");
    const near = nearest(module.type, types);
    throw new ServiceDefinitionError(
      `${module.name} registers ${types.map((t) => `"${t}"`).join(", ")}, but the type asked for is "${module.type}"`,
      near ? { hint: `write "type: ${near}", or change the type in @service("…")` } : {},
    );
  }
  const legacy = module.exports.service_class ?? module.exports.serviceClass;
  if (isServiceClass(legacy)) return legacy;
  if (legacy !== undefined) {
    throw new ServiceDefinitionError(`${module.name} exports service_class, but it is not a service class`);
  }
  if (exported.length > 0) return only(exported, module, "are exported");
  throw new ServiceDefinitionError(`${module.name} has no service in it`, {
    hint: "export a class with @service that extends BaseBlockingPermanentService",
  });
}

function only(classes: ServiceClass[], module: ModuleToSearch, what: string): ServiceClass {
  const [first, ...others] = classes;
  if (first && others.length === 0) return first;
  throw new ServiceDefinitionError(
    `${module.name} has ${classes.length} services that could be meant: ${classes.map((c) => c.name).join(", ")} ${what}`,
    { hint: `mark the one meant with @service("${module.type}")` },
  );
}

function findConfig(module: ModuleToSearch, serviceClass: ServiceClass): ConfigSchema {
  const registered = registrationOf(serviceClass)?.config;
  if (registered) return registered;
  const legacy = module.exports.config_class ?? module.exports.configClass;
  if (isConfigSchema(legacy)) return legacy;
  if (legacy !== undefined) {
    throw new ServiceDefinitionError(`${module.name} exports config_class, but it is not a zod object schema`);
  }
  const conventional = Object.entries(module.exports).filter(
    ([name, value]) => /config$/i.test(name) && isConfigSchema(value),
  );
  const [only] = conventional;
  if (only && conventional.length === 1 && isConfigSchema(only[1])) return only[1];
  // A base class may need more fields than those that every service has.
  const { configSchema }: { configSchema?: unknown } = Object(serviceClass);
  return isConfigSchema(configSchema) ? configSchema : BaseServiceConfig;
}

/**
 * The schema, with what its base class has to say of fields together. A base class cannot put that into a schema of its own:
 * zod lets nobody give another default to a field of an object that has such a check.
 */
function checkedBy(serviceClass: ServiceClass, schema: ConfigSchema): ConfigSchema {
  const { [configCheck]: check }: { [configCheck]?: ConfigCheck } = Object(serviceClass);
  if (!check) return schema;
  return schema.check(({ value, issues }) => {
    for (const { path, expected } of check(value)) {
      issues.push({ code: "custom", input: value, path: [...path], message: expected });
    }
  });
}

/** Told by shape, not by class: a service may bring its own copy of zod. */
function isConfigSchema(value: unknown): value is ConfigSchema {
  return (
    typeof value === "object" &&
    value !== null &&
    "shape" in value &&
    "safeParse" in value &&
    typeof value.safeParse === "function"
  );
}
