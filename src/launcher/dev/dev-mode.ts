// tcs run --dev: services follow their files, and the fleet follows its configuration, while they are being written.
import type { Logger } from "../../common/logger.ts";
import { filesOf, isFolder } from "../../config/config-files.ts";
import type { ReloadOutcome } from "../reload/index.ts";
import type { ServiceRunner } from "../service-runner.ts";
import { PathWatch } from "./path-watch.ts";
import { type ChangedService, contentOf, Sources } from "./sources.ts";

export interface DevModeOptions {
  /** Absolute paths of what the configuration is now: its files, and the folders in which more may appear. */
  configuration: () => readonly string[];
  /** Resolves when the fleet may be changed. */
  ready: Promise<void>;
  runners: () => readonly ServiceRunner[];
  /** Does for services whose files have changed what is right. Resolves when they are begun, or are left alone. */
  onChanged: (changed: readonly ChangedService[], sinceMs: number) => Promise<ChangeVerdict>;
  /** Reads the configuration again, and applies it. */
  reload: () => Promise<ReloadOutcome>;
  logger: Logger;
}

export interface ChangeVerdict {
  /** Services that run with what their files are now, or will when they are started. */
  accepted: readonly string[];
}

/** Editors touch a file several times when they save it: it is looked at when nothing happened for so long, milliseconds. */
const QUIET_MS = 25;
/** But at the latest after this, milliseconds. */
const LATEST_MS = 150;
/** How long a file may be gone or empty before that is believed, milliseconds: some editors write it anew in its place. */
const UNSETTLED_MS = 250;

export class DevMode {
  readonly #options: DevModeOptions;
  readonly #sources = new Sources();
  readonly #watch: PathWatch;
  /** What the configuration was when it was last read: texts by path. */
  #configuration: ReadonlyMap<string, string>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the first event came that has not been looked at, monotonic milliseconds. */
  #since: number | undefined;
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DevModeOptions) {
    this.#options = options;
    this.#configuration = this.#readConfiguration();
    this.#watch = new PathWatch({
      onEvent: () => this.#onEvent(),
      onFault: (folder, fault) => options.logger.warning(`changes in ${folder} are not seen: ${fault}`),
    });
    this.follow();
  }

  /** Watches what the services are made of that are in the fleet now. To be called before a new one is started. */
  follow(): void {
    if (this.#isClosed) return;
    const files = this.#options.runners().flatMap(({ id, row: { module } }) => {
      return module.kind === "file" ? [{ id, path: module.path }] : [];
    });
    this.#sources.track(files);
    this.#watch.watch([...this.#options.configuration(), ...this.#sources.paths]);
  }

  /** Ends it. What is being done is finished. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
    await this.#working;
  }

  #onEvent(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    this.#since ??= now;
    this.#arm(Math.min(QUIET_MS, Math.max(0, this.#since + LATEST_MS - now)));
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // One look at a time: what happens meanwhile is looked at afterwards.
      this.#working ??= this.#act().finally(() => {
        this.#working = undefined;
        if (this.#since !== undefined && !this.#isClosed) this.#arm(QUIET_MS);
      });
    }, delayMs);
  }

  async #act(): Promise<void> {
    const since = this.#since ?? performance.now();
    this.#since = undefined;
    await this.#options.ready;
    if (this.#isClosed) return;
    const isFinal = performance.now() - since > UNSETTLED_MS;
    const { changed, isUnsettled } = this.#sources.look({ isFinal });
    const { isSettled, restarted } = await this.#followConfiguration(isFinal);
    if (isUnsettled || !isSettled) this.#since ??= since;
    // These have just been started, with what their files are now.
    this.#sources.accept(restarted);
    const rest = changed.filter(({ id }) => !restarted.has(id));
    if (rest.length > 0) {
      const { accepted } = await this.#options.onChanged(rest, since);
      this.#sources.accept(accepted);
    }
    this.follow();
  }

  /** Reloads a configuration that has changed: at the next look, if it may be being written just now. */
  async #followConfiguration(isFinal: boolean): Promise<{ isSettled: boolean; restarted: ReadonlySet<string> }> {
    const before = this.#configuration;
    const now = this.#readConfiguration();
    const nothing = { isSettled: true, restarted: new Set<string>() };
    if (Bun.deepEquals(now, before)) return nothing;
    const isEmptied = [...before].some(([path, text]) => text !== "" && now.get(path) === "");
    if (!isFinal && isEmptied) return { ...nothing, isSettled: false };
    const outcome = await this.#options.reload();
    // It may be made of other files from now on; of the others, what was read.
    const after = this.#readConfiguration();
    this.#configuration = new Map([...after].map(([path, text]) => [path, now.get(path) ?? text]));
    if (outcome.result !== "reloaded") return nothing;
    const restarted = outcome.change.changed.filter(({ effect }) => effect === "restart");
    return { isSettled: true, restarted: new Set(restarted.map(({ row }) => row.id)) };
  }

  #readConfiguration(): ReadonlyMap<string, string> {
    return new Map(this.#options.configuration().map((path) => [path, textOf(path)]));
  }
}

/** The text of a file; of a folder, the configuration files in it with their texts: they may come to be read. */
function textOf(path: string): string {
  if (!isFolder(path)) return contentOf(path)?.text ?? "";
  return filesOf(path)
    .map((file) => `${file}\n${contentOf(file)?.text ?? ""}`)
    .join("\0");
}
