// `tcs status --watch` on a terminal: the same table, drawn again where it is.
import { countOf } from "../../common/plural.ts";
import type { NatsSettings } from "../../config/types.ts";
import { grey, paintFor } from "../display/colors.ts";
import { renderOverall } from "../display/overall.ts";
import { renderSight } from "../display/sight.ts";
import { renderStatusDetailed } from "../display/status-detailed.ts";
import { renderStatusTable } from "../display/status-table.ts";
import { chooseView, type RenderOptions } from "../display/view.ts";
import { truncate } from "../display/width.ts";
import { FollowedFleet } from "../followed-fleet.ts";
import { renderOptions } from "../output.ts";
import { terminalSize } from "../own-terminal.ts";
import { InPlace } from "./in-place.ts";
import type { WatchOptions } from "./options.ts";

/** Ages are shown in seconds. */
const CLOCK_MS = 1_000;
/** News are drawn after this, together with those that come meanwhile, milliseconds. */
const NEWS_MS = 100;

export class RedrawnView {
  readonly #options: WatchOptions;
  readonly #fleet: FollowedFleet;
  readonly #place = new InPlace((text) => void process.stdout.write(text));
  #drawing: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: NatsSettings, options: WatchOptions) {
    this.#options = options;
    this.#fleet = new FollowedFleet(settings, "tcs status --watch", {
      change: () => this.#drawSoon(),
      sight: () => this.#drawSoon(),
    });
  }

  async run(): Promise<never> {
    setInterval(() => this.#draw(), CLOCK_MS);
    process.stdout.on("resize", () => this.#drawSoon());
    // After Ctrl-Z the shell has written below our lines.
    process.on("SIGCONT", () => {
      this.#place.forget();
      this.#drawSoon();
    });
    await this.#fleet.start();
    this.#drawSoon();
    return await new Promise<never>(() => undefined);
  }

  #drawSoon(): void {
    this.#drawing ??= setTimeout(() => this.#draw(), NEWS_MS);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    // A line that is slow gets fewer pictures, not old ones.
    if (process.stdout.writableLength > 0) {
      this.#drawSoon();
      return;
    }
    const size = terminalSize();
    const options = { ...renderOptions(), fullIds: this.#options.fullIds };
    const width = Math.min(options.width, size.columns);
    this.#place.show(this.#fitted(this.#lines({ ...options, width }), size.rows - 1, { ...options, width }), size);
  }

  #lines(options: RenderOptions): string[] {
    const { word, all, detailed } = this.#options;
    const { settings, sight } = this.#fleet;
    const broker = settings.servers.join(", ");
    const services = this.#fleet.services();
    const note = renderSight(sight, broker, options);
    if (services.length === 0) return [note ?? `nothing has ever reported to ${broker}`];
    const view = chooseView(services, { all, filter: word });
    const body = detailed ? renderStatusDetailed(view, options) : renderStatusTable(view, options);
    const overall = renderOverall(view, broker, options);
    const isOld = sight.state === "away";
    const lines = [...overall, ...(note === undefined ? [] : [note]), "", ...body];
    return isOld ? lines.map((line) => (line === note ? line : grey(line, options.color))) : lines;
  }

  /** What does not fit cannot be drawn again. */
  #fitted(lines: readonly string[], most: number, options: RenderOptions): readonly string[] {
    if (lines.length <= most) return lines;
    const kept = lines.slice(0, Math.max(0, most - 1));
    const rest = `${countOf(lines.length - kept.length, "more line")}: "tcs top" scrolls`;
    return [...kept, paintFor(options.color)("dim", truncate(rest, options.width, options.unicode))];
  }
}
