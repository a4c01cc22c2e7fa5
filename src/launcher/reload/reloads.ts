// Takes requests to reload, by signal or over NATS, from the moment there is a launcher until it ends.
import { hostname } from "node:os";
import type { JsonObject } from "../../common/json.ts";
import type { Logger } from "../../common/logger.ts";
import type { RpcCall } from "../../messaging/index.ts";
import { readAsker } from "../control/index.ts";
import { logReload, reloadReply } from "./reload-words.ts";
import type { Reloader, ReloadOutcome, ReloadRequest } from "./reloader.ts";

export interface ReloadsOptions {
  logger: Logger;
  launcherId: string;
  /** Absolute path of the configuration. */
  file: string;
  /** Takes secrets out of a text that is told to others. */
  mask: (text: string) => string;
  /** Why this launcher does not reload at all. */
  refusal?: string | undefined;
  /** Called when the fleet is changed, before that is told. */
  onDone: () => void;
}

export class Reloads {
  readonly #options: ReloadsOptions;
  /** Undefined when the run ended before there was one. */
  readonly #reloader = Promise.withResolvers<Reloader | undefined>();
  #isClosed = false;

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /** There is something to reload: what was asked for before is done now. */
  open(reloader: Reloader): void {
    this.#reloader.resolve(reloader);
  }

  /** Refuses from now on. */
  close(): void {
    this.#isClosed = true;
    this.#reloader.resolve(undefined);
  }

  /** Resolves when it is done, or cannot be. Never rejects. */
  async reload(request: ReloadRequest): Promise<ReloadOutcome> {
    const outcome = await this.#reload(request);
    this.#options.onDone();
    logReload(this.#options.logger, request, outcome);
    return outcome;
  }

  /** The same for who asks over NATS. */
  async answer(call: RpcCall): Promise<JsonObject> {
    const request = { ...readAsker(call), dryRun: call.data.dry_run === true };
    const outcome = await this.reload(request);
    return reloadReply(request, outcome, { ...this.#options, hostname: hostname() });
  }

  async #reload(request: ReloadRequest): Promise<ReloadOutcome> {
    const { refusal } = this.#options;
    if (refusal !== undefined) return { result: "refused", reason: refusal };
    const reloader = await this.#reloader.promise;
    if (!reloader || this.#isClosed) return { result: "refused", reason: "the launcher is ending" };
    return await reloader.reload(request);
  }
}
