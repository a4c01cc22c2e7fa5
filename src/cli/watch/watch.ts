// `tcs status --watch`: the status view, kept up to date until Ctrl-C.
import { signalExitCode } from "../../common/signal-codes.ts";
import { onFirstSignal } from "../../common/signals.ts";
import type { NatsSettings } from "../../config/types.ts";
import { canDrawAgain } from "../own-terminal.ts";
import type { WatchOptions } from "./options.ts";
import { RedrawnView } from "./redrawn-view.ts";
import { TellingView } from "./telling-view.ts";

/** Runs until a signal ends it. @returns the exit code */
export async function watchStatus(settings: NatsSettings, options: WatchOptions): Promise<number> {
  const canRedraw = canDrawAgain(process.env, process.stdout.isTTY === true);
  const view = canRedraw && !options.json ? new RedrawnView(settings, options) : new TellingView(settings, options);
  const signal = await Promise.race([onFirstSignal(), view.run()]);
  // Who does not read on has seen enough.
  return signal === "SIGPIPE" ? 0 : signalExitCode(signal);
}
