// `tcs top` as it runs: the fleet and the terminal on one side, the state and its views on the other.
import { describeError } from "../../common/errors.ts";
import type { NatsSettings } from "../../config/types.ts";
import { wantsColor } from "../display/colors.ts";
import { describeOrder } from "../display/orders.ts";
import { renderWhy } from "../display/why.ts";
import { clean, wantsUnicode } from "../display/width.ts";
import { FollowedFleet } from "../followed-fleet.ts";
import { whoAmI } from "../who.ts";
import { type LogTail, tailLog } from "./log-tail.ts";
import { Screen } from "./screen.ts";
import { initialState, type TopEffect, type TopInput, type TopState } from "./state.ts";
import { Terminal } from "./terminal.ts";
import { update } from "./update.ts";
import { render } from "./view.ts";

/** Ages are shown in seconds. */
const CLOCK_MS = 1_000;
/** News are drawn after this, together with those that come meanwhile, milliseconds. */
const DRAW_MS = 50;
/** News of a fleet in a storm are gathered this long, milliseconds: gathering costs, with thousands of services. */
const NEWS_MS = 200;

export interface TopOptions {
  sort: TopState["sort"];
  all: boolean;
  filter: string;
}

/** Runs until it is quit. @returns the exit code */
export async function runTop(settings: NatsSettings, options: TopOptions): Promise<number> {
  const app = new TopApp(settings, options);
  return await app.run();
}

class TopApp {
  readonly #terminal: Terminal;
  readonly #screen: Screen;
  readonly #fleet: FollowedFleet;
  readonly #color = wantsColor(process.env, true);
  #state: TopState;
  #tail: LogTail | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  readonly #ended = Promise.withResolvers<number>();

  constructor(settings: NatsSettings, options: TopOptions) {
    this.#terminal = new Terminal({
      key: (key) => this.#take({ type: "key", key }),
      redraw: () => this.#take({ type: "size", size: this.#terminal.size }),
      end: (code) => this.#ended.resolve(code),
      broken: (error) => this.#ended.reject(error),
    });
    this.#screen = new Screen((text) => this.#terminal.write(text));
    this.#fleet = new FollowedFleet(settings, "tcs top", {
      change: () => this.#gatherSoon(),
      sight: () => {
        const { client, sight } = this.#fleet;
        if (client && sight.state === "live") this.#tail?.resume(client.connection);
        this.#gatherSoon();
      },
    });
    const state = initialState(settings.servers.join(", "), this.#terminal.size, wantsUnicode(process.env), Date.now());
    this.#state = { ...state, ...options };
  }

  async run(): Promise<number> {
    this.#terminal.open();
    const clock = setInterval(() => this.#gather(), CLOCK_MS);
    try {
      this.#draw();
      void this.#fleet.start();
      return await this.#ended.promise;
    } finally {
      clearInterval(clock);
      clearTimeout(this.#drawing);
      clearTimeout(this.#gathering);
      this.#tail?.stop();
      this.#terminal.close();
      // It must not hold anybody up: nothing is under way that would be lost.
      void this.#fleet.close();
    }
  }

  #gatherSoon(): void {
    this.#gathering ??= setTimeout(() => this.#gather(), NEWS_MS);
  }

  #gather(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#take({ type: "fleet", services: this.#fleet.services(), sight: this.#fleet.sight, now: Date.now() });
  }

  #take(input: TopInput): void {
    const { state, effects } = update(this.#state, input);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#drawing ??= setTimeout(() => this.#draw(), input.type === "key" ? 0 : DRAW_MS);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    // A line that is slow gets fewer pictures, not old ones.
    if (this.#terminal.isBusy) this.#drawing = setTimeout(() => this.#draw(), DRAW_MS);
    else this.#screen.show(render(this.#state, this.#color), this.#state.size);
  }

  #carryOut(effect: TopEffect): void {
    switch (effect.type) {
      case "quit":
        this.#ended.resolve(0);
        break;
      case "suspend":
        this.#terminal.suspend();
        break;
      case "redraw":
        this.#screen.forget();
        break;
      case "endLog":
        this.#tail?.stop();
        this.#tail = undefined;
        break;
      case "log":
        this.#followLog(effect.id);
        break;
      case "why":
        void this.#askWhy(effect.id);
        break;
      case "order":
        void this.#order(effect);
        break;
      default:
        effect satisfies never;
    }
  }

  #followLog(id: string): void {
    const { client, settings } = this.#fleet;
    if (!client) return;
    this.#tail?.stop();
    this.#tail = tailLog(client.connection, settings.subjectPrefix, id, (lines, added) =>
      this.#take({ type: "lines", kind: "log", id, lines, added }),
    );
  }

  async #askWhy(id: string): Promise<void> {
    const { unicode, now } = this.#state;
    const tell = (texts: readonly string[]) =>
      this.#take({ type: "lines", kind: "why", id, lines: texts.map((text) => ({ text })), added: false });
    try {
      const why = await this.#fleet.client?.why(id);
      if (why)
        tell(renderWhy(id, why.info, why.answers, { width: Number.POSITIVE_INFINITY, color: false, unicode, now }));
    } catch (error) {
      tell([clean(describeError(error), unicode)]);
    }
  }

  async #order({ verb, id }: Extract<TopEffect, { type: "order" }>): Promise<void> {
    const { client } = this.#fleet;
    if (!client) return;
    try {
      for (const result of await client[verb](id, { by: whoAmI() })) {
        const text = describeOrder(verb, result, this.#state);
        this.#take({ type: "notice", text, style: result.ok ? "dim" : "red" });
      }
    } catch (error) {
      this.#take({ type: "notice", text: describeError(error), style: "red" });
    }
  }
}
