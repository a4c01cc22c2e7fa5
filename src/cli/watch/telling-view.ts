// `tcs status --watch` where lines cannot be drawn again: the table once, then a line for each change.
import type { ServiceInfo } from "../../client/index.ts";
import type { NatsSettings } from "../../config/types.ts";
import { changeJson, renderChange } from "../display/changes.ts";
import { renderOverall } from "../display/overall.ts";
import { renderStatusDetailed } from "../display/status-detailed.ts";
import { jsonText, statusJson } from "../display/status-json.ts";
import { renderStatusTable } from "../display/status-table.ts";
import { chooseView } from "../display/view.ts";
import { FollowedFleet } from "../followed-fleet.ts";
import { renderOptions, tell, write } from "../output.ts";
import type { WatchOptions } from "./options.ts";

export class TellingView {
  readonly #options: WatchOptions;
  readonly #fleet: FollowedFleet;
  #isTold = false;
  /** What is told of: known to be shown by default once. */
  readonly #shown = new Set<string>();

  constructor(settings: NatsSettings, options: WatchOptions) {
    this.#options = options;
    this.#fleet = new FollowedFleet(settings, "tcs status --watch", {
      change: (service, previous) => this.#tellChange(service, previous),
      sight: () => this.#tellSight(),
    });
  }

  async run(): Promise<never> {
    await this.#fleet.start();
    if (this.#fleet.sight.state === "connecting") this.#tellSight();
    return await new Promise<never>(() => undefined);
  }

  #tellSight(): void {
    const { settings, sight } = this.#fleet;
    if (sight.state === "live" && !this.#isTold) this.#tellAll();
    else if (sight.state === "live") tell("connected to the broker again");
    else if (sight.state === "away") tell("connection to the broker lost; waiting for it");
    else if (sight.state === "connecting") {
      const why = sight.why === undefined ? "" : `: ${sight.why}`;
      tell(`no NATS broker at ${settings.servers.join(", ")}${why}; waiting for it`);
    }
    if (sight.state === "live") for (const note of sight.notes) tell(note);
  }

  #tellAll(): void {
    this.#isTold = true;
    const { word, all, detailed, json, fullIds } = this.#options;
    const { settings } = this.#fleet;
    const options = { ...renderOptions(), fullIds };
    const view = chooseView(this.#fleet.services(), { all, filter: word });
    for (const { serviceId } of view.shown) this.#shown.add(serviceId);
    if (json) {
      const broker = { servers: settings.servers, origin: settings.origin, subjectPrefix: settings.subjectPrefix };
      write([jsonText({ event: "status", ...statusJson(view, broker, undefined, options.now) }, 0)]);
      return;
    }
    const body = detailed ? renderStatusDetailed(view, options) : renderStatusTable(view, options);
    write([...renderOverall(view, settings.servers.join(", "), options), "", ...body]);
  }

  #tellChange(service: ServiceInfo, previous: ServiceInfo | undefined): void {
    const { word, all, json } = this.#options;
    const { serviceId } = service;
    if (word !== undefined && !serviceId.toLowerCase().includes(word.toLowerCase())) return;
    if (!this.#isTold || !(all || service.current || this.#shown.has(serviceId))) return;
    this.#shown.add(serviceId);
    const options = { ...renderOptions(), fullIds: this.#options.fullIds };
    const line = renderChange(service, previous, options);
    if (json) write([jsonText(changeJson(service, previous, options.now), 0)]);
    else if (line !== undefined) write([line]);
  }
}
