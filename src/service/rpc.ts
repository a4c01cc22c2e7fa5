// `@rpc`: methods of a service that anybody may call over NATS.
import type { z } from "zod";
import type { JsonObject } from "../common/json.ts";
import { tokenFault } from "../common/names.ts";
import { ServiceDefinitionError } from "./errors.ts";

/** Every service answers these itself. */
export const RESERVED_COMMANDS = ["health", "stats"] as const;

/** A command of a service class. */
export interface RpcCommand {
  name: string;
  /** The method that answers. */
  key: string | symbol;
  /** What its argument must be; without it the method gets whatever object was sent. */
  args?: z.ZodObject;
}

type CommandDecorator<A> = <This extends object>(
  method: (this: This, args: A) => unknown,
  context: ClassMethodDecoratorContext<This>,
) => void;

// TC39 decorator metadata: one object per class, whose prototype is that of its base class.
const METADATA: symbol = Symbol.metadata ?? Symbol.for("Symbol.metadata");
const COMMANDS = Symbol.for("ocabox-tcs.rpc");
type Commands = ReadonlyMap<string, RpcCommand>;

/**
 * Makes a method a command: requests to `<prefix>.rpc.<service id>.v1.<name>` call it. The object it returns (or its
 * promise) is the answer; another value is sent as `{"result": value}`, and what it throws as an error.
 * @param name one NATS subject token; not `health` or `stats`, which every service has
 * @param options.args zod schema of the argument: what does not fit is refused before the method is called
 * @throws ServiceDefinitionError when the name cannot be used, or is taken by another method
 * @example
 * ```ts
 * @rpc("expose", { args: z.object({ seconds: z.number().positive() }) })
 * async expose({ seconds }: { seconds: number }) { return { frame: await this.camera.expose(seconds) }; }
 * ```
 */
export function rpc(name: string): CommandDecorator<JsonObject>;
export function rpc<S extends z.ZodObject>(name: string, options: { args: S }): CommandDecorator<z.output<S>>;
export function rpc(name: string, options: { args?: z.ZodObject } = {}): CommandDecorator<never> {
  return (_method, context) => {
    const where = `@rpc("${name}") on ${String(context.name)}`;
    const fault = commandFault(name) ?? (context.static || context.private ? "its method must be public" : undefined);
    if (fault) throw new ServiceDefinitionError(`${where}: ${fault}`);
    const commands = new Map(commandsIn(context.metadata));
    const other = commands.get(name);
    if (other && other.key !== context.name) {
      throw new ServiceDefinitionError(`${where}: the command "${name}" is ${String(other.key)} already`);
    }
    commands.set(name, { name, key: context.name, ...options });
    Reflect.set(context.metadata, COMMANDS, commands);
  };
}

function commandFault(name: string): string | undefined {
  if (RESERVED_COMMANDS.some((reserved) => reserved === name)) return "every service has a command of this name";
  return name.includes(".") ? "a command may not contain dots" : tokenFault(name);
}

/** The commands of a service's class, inherited ones too. */
export function commandsOf(service: object): Commands {
  return commandsIn(Reflect.get(service.constructor, METADATA));
}

function commandsIn(metadata: unknown): Commands {
  const commands: unknown = typeof metadata === "object" && metadata ? Reflect.get(metadata, COMMANDS) : undefined;
  // Put there by rpc() only; inherited through the prototype.
  return commands instanceof Map ? (commands as Commands) : new Map();
}
