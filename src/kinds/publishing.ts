// A service's way out for messages on topics, with its heartbeat.
import { describeError } from "../common/errors.ts";
import { heartbeat } from "../zmtp/experimance.ts";
import type { PublishingFields } from "./config.ts";
import { TopicError } from "./errors.ts";
import { addressesOf, type End, type Host } from "./host.ts";
import type { JsonMessage } from "./messages.ts";
import { checkTopic } from "./topics.ts";
import type { Outlet } from "./transport.ts";

export class Publishing implements End {
  readonly name = "pub";
  readonly #host: Host;
  readonly #config: () => PublishingFields;
  #outlet: Outlet | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: Host, config: () => PublishingFields) {
    this.#host = host;
    this.#config = config;
  }

  get addresses(): readonly string[] {
    return this.#outlet?.addresses ?? [];
  }

  async open(): Promise<void> {
    const { transport } = this.#host;
    checkTopic(this.#heartbeatTopic);
    const addresses = addressesOf("pub_address", this.#config().pub_address, transport, transport === "zmq");
    this.#outlet = await (await this.#host.openTransport()).openOutlet({ addresses });
  }

  begin(): void {
    const { heartbeat_interval: seconds } = this.#config();
    if (seconds === 0) return;
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), seconds * 1000);
  }

  async publish(topic: string, message: JsonMessage): Promise<void> {
    if (!this.#outlet) throw new TopicError(`${topic}: the service has not started, or has stopped`);
    checkTopic(topic);
    await this.#outlet.publish(topic, message);
    this.#host.stats.countSent();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const outlet = this.#outlet;
    this.#outlet = undefined;
    await outlet?.close();
  }

  get #heartbeatTopic(): string {
    return this.#config().heartbeat_topic ?? `${this.#host.name}.heartbeat`;
  }

  #beat(): void {
    const { name, state, logger } = this.#host;
    this.#outlet
      ?.publish(this.#heartbeatTopic, heartbeat(name, state), { fleeting: true })
      .catch((error: unknown) => logger.debug(`a heartbeat was not sent: ${describeError(error)}`));
  }
}
