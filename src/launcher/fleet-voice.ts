// Whom a launcher speaks for: the services that it has, and none that another has.
import { maskReports, type SecretMask } from "../logs/index.ts";
import type { Messenger } from "../messaging/index.ts";
import { Hearsay, type HearsayOptions } from "./hearsay.ts";
import { MutedSink } from "./muted-sink.ts";

export interface FleetVoiceOptions extends HearsayOptions {
  messenger: Messenger;
  mask: SecretMask;
}

export class FleetVoice {
  /** Where reports go. */
  readonly sink: MutedSink;
  readonly #messenger: Messenger;
  readonly #hearsay: Hearsay;

  constructor(options: FleetVoiceOptions) {
    const { messenger, subjects, mask } = options;
    this.#messenger = messenger;
    this.sink = new MutedSink(maskReports(messenger, mask), subjects);
    this.#hearsay = new Hearsay(options);
  }

  /** The service is ours. */
  begin(id: string): void {
    this.sink.unmute(id);
    this.#hearsay.watch(id);
  }

  /** It is not ours any more. @param how `lost`: its new owner speaks for it already */
  end(id: string, how: "lost" | "released"): void {
    this.#hearsay.unwatch(id);
    if (how === "released") return;
    this.sink.mute(id);
    this.#messenger.discard((subject) => this.sink.isMuted(subject));
  }

  /** What others say is not corrected any more. */
  close(): void {
    this.#hearsay.close();
  }
}
