// A component of a telescope: properties that are read and set, actions that are done. Any component, by any name.
import { z } from "zod";
import type { JsonObject } from "../common/json.ts";
import type { AskOptions, Bridge } from "./bridge.ts";

/** Something a component can be asked for. */
export class Property<T> {
  /** As `zb08.mount.azimuth`. */
  readonly address: string;
  protected readonly bridge: Bridge;
  readonly #schema: z.ZodType<T>;

  constructor(bridge: Bridge, address: string, schema: z.ZodType<T>) {
    this.bridge = bridge;
    this.address = address;
    this.#schema = schema;
  }

  /** Asks for its value. @throws as `Bridge.ask` */
  get(options?: AskOptions): Promise<T> {
    return this.bridge.ask(this.address, "GET", this.#schema, {}, options);
  }
}

/** One that can be set too. */
export class SettableProperty<T extends boolean | number | string> extends Property<T> {
  readonly #parameter: string;

  /** @param parameter what the value is called when it is set, as `Tracking` */
  constructor(bridge: Bridge, address: string, schema: z.ZodType<T>, parameter: string) {
    super(bridge, address, schema);
    this.#parameter = parameter;
  }

  /** Sets it, and resolves when the telescope has taken it. @throws as `Bridge.ask` */
  async set(value: T, options?: AskOptions): Promise<void> {
    await this.bridge.ask(this.address, "PUT", z.unknown(), { [this.#parameter]: value }, options);
  }
}

/**
 * A component of a telescope. Mount and dome have classes of their own; any other, as a focuser, is asked by the names
 * that it has in OCABox (those of ASCOM Alpaca).
 * @example
 * const focuser = this.telescope("zb08").component("focuser");
 * const position = await focuser.property("position", z.number()).get();
 * await focuser.put("move", { Position: position + 100 });
 */
export class Component {
  /** As `zb08.mount`. */
  readonly address: string;
  protected readonly bridge: Bridge;

  constructor(bridge: Bridge, address: string) {
    this.bridge = bridge;
    this.address = address;
  }

  /** A property, typed by a schema of zod. */
  property<T>(name: string, schema: z.ZodType<T>): Property<T> {
    return new Property(this.bridge, `${this.address}.${name}`, schema);
  }
  /** Has something done, and resolves when the telescope has taken the order. @throws as `Bridge.ask` */
  async put(command: string, parameters?: JsonObject, options?: AskOptions): Promise<void> {
    await this.bridge.ask(`${this.address}.${command}`, "PUT", z.unknown(), parameters, options);
  }
  /** Has something done and waits for nothing: whether it is taken is not told. @throws NotSentError when the broker is away */
  command(command: string, parameters?: JsonObject): Promise<void> {
    return this.bridge.tell(`${this.address}.${command}`, parameters);
  }

  protected settable<T extends boolean | number | string>(name: string, schema: z.ZodType<T>, parameter: string) {
    return new SettableProperty(this.bridge, `${this.address}.${name}`, schema, parameter);
  }
}
