// What a simulated telescope publishes of itself, as observatories do: `tic.status.…` and `tic.telemetry.…`, at each change.
import { type Messenger, type Publisher, toWireTimestamp, type WireTimestamp } from "ocabox-tcs/messenger";
import { PUBLISHED, readingOf } from "./commands.ts";
import type { SimulatedTelescope } from "./telescope.ts";

interface Report {
  /** Simulated time. */
  ts: WireTimestamp;
  /** One value, by `<telescope>.<component>.<property>`. */
  measurements: Record<string, unknown>;
}

export class Reporter {
  readonly #messenger: Messenger;
  readonly #name: string;
  readonly #telescope: SimulatedTelescope;
  /** By subject, what was published last, and by what. */
  readonly #published = new Map<string, { value: unknown; publisher: Publisher<Report> }>();

  constructor(messenger: Messenger, name: string, telescope: SimulatedTelescope) {
    this.#messenger = messenger;
    this.#name = name;
    this.#telescope = telescope;
  }

  /** Publishes what has changed since the last time. While the broker is away the messenger keeps it. */
  report(): void {
    const ts = toWireTimestamp(this.#telescope.timeMs);
    for (const [kind, components] of Object.entries(PUBLISHED)) {
      for (const [component, properties] of Object.entries(components)) {
        for (const property of properties) this.#publish(kind, component, property, ts);
      }
    }
  }

  #publish(kind: string, component: string, property: string, ts: WireTimestamp): void {
    const value = readingOf(this.#telescope, component, property);
    const subject = `tic.${kind}.${this.#name}.${component}.${property}`;
    const before = this.#published.get(subject);
    if (before?.value === value) return;
    const publisher = before?.publisher ?? this.#messenger.getPublisher<Report>(subject);
    this.#published.set(subject, { value, publisher });
    const measurements = { [`${this.#name}.${component}.${property}`]: value };
    // The messenger counts and logs what could not be sent.
    void publisher.publish({ ts, measurements });
  }
}
