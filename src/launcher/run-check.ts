// The check of a run: whenever its configuration is read, before anything is done by it. What is secret in it is hidden from
// then on, and what the configurations of its services may be is made known.
import type { FleetReading } from "../config/fleet-source.ts";
import type { SecretMask } from "../logs/index.ts";
import { type CheckWarning, checkFleet } from "./fleet-check.ts";
import type { StartHost } from "./homes/home.ts";
import type { ServiceSchema } from "./service-schemas.ts";

export class RunCheck {
  readonly #mask: SecretMask;
  readonly #startWorker: StartHost;
  #schemas: readonly ServiceSchema[] = [];
  #publish: ((schemas: readonly ServiceSchema[]) => void) | undefined;

  constructor(mask: SecretMask, startWorker: StartHost) {
    this.#mask = mask;
    this.#startWorker = startWorker;
  }

  /** @throws ConfigError with every issue of every service */
  readonly judge = async ({ fleet, env }: FleetReading): Promise<CheckWarning[]> => {
    this.#mask.addFleet(fleet);
    this.#mask.addEnv(env);
    return await checkFleet(fleet, this.#startWorker, {
      env,
      onSecrets: this.hide,
      onSchemas: (schemas) => {
        this.#schemas = schemas;
        this.#publish?.(schemas);
      },
    });
  };

  /** Texts that must not be shown, from now on. */
  readonly hide = (values: readonly string[]): void => this.#mask.add(values);

  /** @param publish is given the schemas of the services as they are known, now and after each check */
  publishBy(publish: (schemas: readonly ServiceSchema[]) => void): void {
    this.#publish = publish;
    publish(this.#schemas);
  }
}
