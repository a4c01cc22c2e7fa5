// Which fleet a half-typed command line speaks of.
import type { BrokerFlags } from "../fleet-access.ts";
import { splitOnce } from "../strict-args.ts";

const FLAGS: Record<string, keyof BrokerFlags> = {
  "--config": "config",
  "-c": "config",
  "--host": "host",
  "--port": "port",
  "--prefix": "prefix",
};

/** The options that name the broker, as far as they are typed: the last word may be half of one. */
export function fleetFlags(words: readonly string[]): BrokerFlags {
  const flags: BrokerFlags = {};
  for (let index = 0; index < words.length - 1; index++) {
    const [flag, inline] = splitOnce(words[index] ?? "");
    const key = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
    if (key === undefined) continue;
    const value = inline ?? (index + 1 < words.length - 1 ? words[++index] : undefined);
    if (value) flags[key] = value;
  }
  return flags;
}
