// An operator's order, as it stands in a request.
import type { RpcCall } from "../../messaging/index.ts";
import { oneLine } from "./one-line.ts";

export type OrderKind = "start" | "stop" | "restart";

/** Who asks for something, and for how long. */
export interface Asker {
  /** Who: `ann@vm`, or whoever sent the request. */
  by: string;
  /** How long whoever asks waits for the answer, milliseconds; absent: not told. */
  limitMs?: number;
}

export interface Order extends Asker {
  kind: OrderKind;
  reason?: string;
  /** When it came, milliseconds since the epoch. */
  at: number;
}

const LONGEST_WORD = 200;
/** The answer must be back before the one who asks has gone. */
const MARGIN_MS = 250;
const SHORTEST_LIMIT_MS = 100;

export function readOrder(kind: OrderKind, call: RpcCall): Order {
  const reason = words(call.data.reason);
  return { kind, ...readAsker(call), at: Date.now(), ...(reason === undefined ? {} : { reason }) };
}

export function readAsker({ data, sender }: RpcCall): Asker {
  const { timeout } = data;
  const limit = typeof timeout === "number" && timeout > 0 ? timeout * 1000 - MARGIN_MS : undefined;
  return {
    by: words(data.by) ?? words(sender) ?? "unknown",
    ...(limit === undefined ? {} : { limitMs: Math.max(SHORTEST_LIMIT_MS, limit) }),
  };
}

/** One harmless line of text; undefined when there is none. */
function words(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return oneLine(value, LONGEST_WORD) || undefined;
}
