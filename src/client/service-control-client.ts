// A fleet, seen and controlled from any program.
import type { JsonObject } from "../common/json.ts";
import { askService } from "./ask-service.ts";
import { FleetClient } from "./fleet-client.ts";
import type { FleetContact } from "./fleet-contact.ts";
import { assertReadable } from "./fleet-snapshot.ts";
import { orderServices, type ServiceOrderOptions } from "./order-services.ts";
import type { OrderResult, OrderVerb } from "./orders.ts";
import { askWhy, type Why } from "./why.ts";

/** Ids, as much of them as tells them from others (`camera`), or patterns (`camera.*`). */
export type ServiceWords = string | readonly string[];

/** Longer than a service's own command may take, milliseconds. */
const RPC_LIMIT_MS = 30_000;

/**
 * What `tcs status`, `start`, `stop`, `restart`, `health`, `stats`, `rpc` and `why` do, over an open connection, which
 * stays the caller's to close.
 * @example
 * const client = new ServiceControlClient(await connect({ servers: "nats://127.0.0.1:4222" }));
 * for (const service of await client.listServices()) console.log(service.serviceId, service.status);
 * for await (const { type, service } of client.follow()) console.log(type, service.serviceId, service.status);
 */
export class ServiceControlClient extends FleetClient {
  /**
   * Starts services, also those that an operator had stopped; resolves when they run, or it is known why not.
   * Of several services each has its own result.
   * @throws NotFoundError when a word means nothing: then nothing is done for the others either
   * @throws TcsError when the fleet cannot be read
   */
  async start(services: ServiceWords, options: ServiceOrderOptions): Promise<OrderResult[]> {
    return await this.#order("start", services, options);
  }

  /** Stops services: they stay stopped until somebody starts them. Results and errors as of `start`. */
  async stop(services: ServiceWords, options: ServiceOrderOptions): Promise<OrderResult[]> {
    return await this.#order("stop", services, options);
  }

  /** Stops services and starts them again; starts those that do not run. Results and errors as of `start`. */
  async restart(services: ServiceWords, options: ServiceOrderOptions): Promise<OrderResult[]> {
    return await this.#order("restart", services, options);
  }

  /** Runs the health checks of a service, or of a launcher (by its id), now. Errors as of `rpc`. */
  async health(service: string): Promise<JsonObject> {
    return await askService(this.#contact, service, "health");
  }

  /** The statistics of a service, or of a launcher. Errors as of `rpc`. */
  async stats(service: string): Promise<JsonObject> {
    return await askService(this.#contact, service, "stats");
  }

  /**
   * Calls a command of a service.
   * @param service its id, or as much of it as tells it from others
   * @param options.limitMs how long to wait for the answer, milliseconds; default 30,000
   * @throws NotFoundError when nothing is known of it
   * @throws TcsError with its refusal, or with what is known of it when it is silent
   */
  async rpc(
    service: string,
    command: string,
    data: JsonObject = {},
    { limitMs = RPC_LIMIT_MS }: { limitMs?: number } = {},
  ): Promise<JsonObject> {
    return await askService(this.#contact, service, command, data, limitMs);
  }

  /**
   * Why a service is in its state: last end, history, target, configuration, log.
   * @param options.lines how many lines of its log, at most 50; default 10
   * @throws NotFoundError
   */
  async why(service: string, { lines }: { lines?: number } = {}): Promise<Why> {
    return await askWhy(this.#contact, service, lines);
  }

  async #order(verb: OrderVerb, services: ServiceWords, options: ServiceOrderOptions): Promise<OrderResult[]> {
    return await orderServices(this.#contact, verb, typeof services === "string" ? [services] : services, options);
  }

  get #contact(): FleetContact {
    const look = async () => {
      if (this.followState === "live") return this.getCurrentServices({ includeStopped: true });
      const fleet = await this.readFleet();
      assertReadable(fleet);
      return fleet.services;
    };
    return { connection: this.connection, prefix: this.subjectPrefix, look };
  }
}
