// The broker of a program that nobody has told of one: by the environment, else this host's.
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { resolveNats } from "../config/nats.ts";
import type { NatsSettings } from "../config/types.ts";
import { locateBroker } from "./locate.ts";

export interface Whereabouts {
  settings: NatsSettings | (() => NatsSettings);
  /** Somebody said where the broker is, so that to miss it is worth a word. */
  isNamed: boolean;
}

/** By the environment, else this host's broker as soon as there is one: it is looked for at every attempt. */
export function brokerOfSurroundings(logger: Logger): Whereabouts {
  let named: NatsSettings | undefined;
  try {
    named = resolveNats({ env: process.env });
  } catch (error) {
    // What operators have mistyped must not end a program that works without.
    logger.error(`${describeError(error)}; looking for a broker on this host instead`);
  }
  return { settings: () => locateBroker({ settings: named }), isNamed: named !== undefined };
}
