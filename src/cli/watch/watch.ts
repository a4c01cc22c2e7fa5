// `tcs status --watch`: the status view, kept up to date until Ctrl-C.
import { onFirstSignal } from "../../common/signals.ts";
import type { NatsSettings } from "../../config/types.ts";
import type { WatchOptions } from "./options.ts";
import { RedrawnView } from "./redrawn-view.ts";
import { TellingView } from "./telling-view.ts";

/** Runs until a signal ends it. @returns the exit code */
export async function watchStatus(settings: NatsSettings, options: WatchOptions): Promise<number> {
  const canRedraw = process.stdout.isTTY === true && process.env.TERM !== "dumb" && !options.json;
  const view = canRedraw ? new RedrawnView(settings, options) : new TellingView(settings, options);
  const signal = await Promise.race([onFirstSignal(), view.run()]);
  return signal === "SIGTERM" ? 143 : signal === "SIGHUP" ? 129 : signal === "SIGPIPE" ? 0 : 130;
}
