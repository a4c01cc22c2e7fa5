// From the name a user gives to the service's type, file and class; or the reason why it cannot be one.
import { UsageError } from "../common/errors.ts";
import { variantFault } from "../common/names.ts";

export interface ServiceNames {
  /** Service type, snake_case; may have dots (`dome.follower`). Its file has the same name (`dome.follower.ts`). */
  type: string;
  /** Class name, PascalCase. */
  className: string;
}

/**
 * A name that cannot be used for a service.
 * @cause A name cannot be the type of a service: it is a file name, a class name and a word of NATS subjects at
 *   once.
 * @remedy Use letters, digits and underscores, and begin with a letter.
 * @example "1abc" cannot be a service name: it starts with a digit, and no class can be named so
 */
export class ServiceNameError extends UsageError {
  override readonly code = "E_SERVICE_NAME";
}

/** Longest service type, characters: it is a subject token, a file name and a column of `tcs status`. */
const LONGEST = 64;

/** First parts of a type that mean something else on the wire. */
const RESERVED_ON_WIRE = new Set(["launcher"]);

/** Words that cannot name anything in TypeScript, or that would mislead as a file name. */
const RESERVED_WORDS = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if implements import in instanceof interface let new null package private protected public return static " +
    "super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);

/** Names that the generated file imports, declares, or needs as they are. */
const RESERVED_CLASSES = new Set([
  ..."BaseService BaseServiceConfig BasePermanentService BaseBlockingPermanentService BaseSingleShotService".split(" "),
  ..."MessagingService PublisherService SubscriberService PublisherSubscriberService PushService PullService".split(
    " ",
  ),
  ..."ControllerService WorkerService JsonMessage TaskInfo Task News Command Buffer JSON".split(" "),
  ..."Config Array Boolean Bun Date Error Function Map Number Object Promise Set String Symbol Timer".split(" "),
]);

/**
 * The names of the service called `given`. `TelescopeMonitor` and `telescope-monitor` become `telescope_monitor`.
 * @throws ServiceNameError saying what is wrong and, where there is one, a name that would do
 */
export function serviceNames(given: string): ServiceNames {
  const refuse = (why: string, hint?: string) =>
    new ServiceNameError(`${JSON.stringify(given)} cannot be a service name: ${why}`, hint ? { hint } : {});

  if (given === "") throw refuse("it is empty", "for example: tcs new service telescope_monitor");
  if (/[/\\]/.test(given)) throw refuse("it contains a path separator", "give a name, and the folder with --dir");
  if (/^\.|\.$|\.\./.test(given)) throw refuse("it has a dot at an end, or two in a row");
  if (/[^A-Za-z0-9_.-]/.test(given)) {
    const better = given.replaceAll(/[^A-Za-z0-9_.-]+/g, "_").replaceAll(/^[_.-]+|[_.-]+$/g, "");
    throw refuse(
      "only letters a-z, digits, _ and dots can be in a name",
      isServiceName(better) ? `try ${serviceNames(better).type}` : undefined,
    );
  }

  const type = given.split(".").map(snakeCase).join(".");
  const className = type.split(/[._]/).map(capitalised).join("");
  if (type.split(".").includes("")) throw refuse("a part of it has no letter or digit");
  if (!/^[a-z]/.test(type)) throw refuse("it starts with a digit, and no class can be named so");
  if (type.length > LONGEST) throw refuse(`it has ${type.length} characters; ${LONGEST} is the most`);
  if (RESERVED_WORDS.has(type)) throw refuse("it is a reserved word", `try ${type}_service`);
  if (RESERVED_CLASSES.has(className)) throw refuse(`its class would be ${className}, which means something else`);
  if (RESERVED_ON_WIRE.has(type.split(".")[0] ?? "")) throw refuse(`"launcher" is kept for launchers`);
  if (/[._](test|spec)$/.test(type)) throw refuse(`${type}.ts would be taken for a test file`);
  if (type.endsWith(".d")) throw refuse(`${type}.ts would be taken for a declaration file`);
  return { type, className };
}

/** Checks a variant given by the user. @throws UsageError */
export function checkVariant(variant: string): void {
  const fault = variantFault(variant);
  if (fault) throw new UsageError(`${JSON.stringify(variant)} cannot be a variant: ${fault}`);
}

function isServiceName(text: string): boolean {
  try {
    serviceNames(text);
    return true;
  } catch (error) {
    if (error instanceof ServiceNameError) return false;
    throw error;
  }
}

function snakeCase(word: string): string {
  return word
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[_-]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
