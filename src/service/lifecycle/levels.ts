// start, run and stop at every level of an inheritance chain: checked before the body of a level runs.
import type { Lifecycle } from "./lifecycle.ts";
import { LifecycleError, type LifecycleMethod } from "./states.ts";

/** An object with the three methods, each of which may be overridden and calls `super`. */
export interface LifecycleMethods {
  start(): Promise<void>;
  run(): Promise<void>;
  stop(): Promise<void>;
}

const METHODS = ["start", "run", "stop"] as const satisfies readonly LifecycleMethod[];

const levelsOf = new WeakMap<object, Levels>();
const guarded = new WeakSet<object>();

/** A call of one of the methods by the framework: which levels it has reached. */
interface Call {
  method: LifecycleMethod;
  reached: Set<object>;
}

export interface LevelsOptions {
  lifecycle: Lifecycle;
  /** A `stop()` that is not the framework's: asks for one. */
  askStop: () => Promise<void>;
}

/** Knows which of a service's methods the framework is calling, and so which calls of them are in order. */
export class Levels {
  readonly #service: LifecycleMethods;
  readonly #options: LevelsOptions;
  #call: Call | undefined;

  /** @param base the class at the root of the chain */
  constructor(
    service: LifecycleMethods,
    base: abstract new (...args: never[]) => LifecycleMethods,
    options: LevelsOptions,
  ) {
    this.#service = service;
    this.#options = options;
    levelsOf.set(service, this);
    for (const level of levelsBetween(service, base)) guardLevel(level);
  }

  /**
   * Calls `start`, `run` or `stop` of the service, whose lifecycle has begun it. A `stop` reaches every level, whatever the
   * levels above it do; a `start` has to.
   * @throws what the method throws; LifecycleError when a `start` has left out a level
   */
  async perform(method: LifecycleMethod): Promise<void> {
    if (Object.hasOwn(this.#service, method)) {
      throw new LifecycleError(`${this.#name}.${method} is a field: expected a method, which calls super.${method}()`);
    }
    const call: Call = { method, reached: new Set() };
    this.#call = call;
    const errors: unknown[] = [];
    const attempt = async (run: () => Promise<void>) => {
      try {
        await run();
      } catch (error) {
        if (method !== "stop") throw error;
        errors.push(error);
      }
    };
    await attempt(() => this.#service[method]());
    if (method === "run") return;
    for (let level = this.#leftOut(call); level; level = this.#leftOut(call)) {
      if (method === "start") throw this.#incomplete(level);
      const { stop } = level;
      await attempt(() => stop.call(this.#service));
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} levels of ${this.#name} could not stop`);
  }

  /** Runs `body`, the method as `level` has it, if it may be called now. */
  async enter(method: LifecycleMethod, level: object, body: () => Promise<void>): Promise<void> {
    const call = this.#call;
    if (call?.method === method && !call.reached.has(level)) {
      call.reached.add(level);
      return await body();
    }
    if (method === "stop") return await this.#options.askStop();
    const { state } = this.#options.lifecycle;
    const why =
      call?.method === method ? "is called once in each life" : "is called by tcs, or as super by an override";
    throw new LifecycleError(`${method}() of ${level.constructor.name} in ${this.#name}, which is ${state}: it ${why}`);
  }

  get #name(): string {
    return this.#service.constructor.name;
  }

  /** The outermost level that has the method, and was not reached. */
  #leftOut({ method, reached }: Call): LifecycleMethods | undefined {
    return chainOf(this.#service).find(
      (level) => guarded.has(level) && Object.hasOwn(level, method) && !reached.has(level),
    );
  }

  #incomplete(level: object): LifecycleError {
    return new LifecycleError(`${this.#name} has started without start() of ${level.constructor.name}`, {
      hint: "an override of start() calls await super.start()",
    });
  }
}

/** The prototypes of `service`, most derived first. */
function chainOf(service: LifecycleMethods): LifecycleMethods[] {
  const chain: LifecycleMethods[] = [];
  for (let level = Object.getPrototypeOf(service); level; level = Object.getPrototypeOf(level)) chain.push(level);
  return chain;
}

function levelsBetween(
  service: LifecycleMethods,
  base: abstract new (...args: never[]) => LifecycleMethods,
): LifecycleMethods[] {
  const chain = chainOf(service);
  return chain.slice(0, chain.indexOf(base.prototype) + 1);
}

/** Puts the check before the bodies of the methods that `level` has itself, once for each class. */
function guardLevel(level: LifecycleMethods): void {
  if (guarded.has(level)) return;
  guarded.add(level);
  for (const method of METHODS) {
    const own = Object.getOwnPropertyDescriptor(level, method);
    if (typeof own?.value !== "function") continue;
    const body: () => Promise<void> = own.value;
    const value = {
      [method](this: LifecycleMethods): Promise<void> {
        const run = async () => await body.call(this);
        return levelsOf.get(this)?.enter(method, level, run) ?? run();
      },
    }[method];
    Object.defineProperty(level, method, { ...own, value });
  }
}
