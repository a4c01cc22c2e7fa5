// The help of `tcs top`: its keys, and what the symbols mean.
import { renderLegend } from "../display/legend.ts";
import type { Span } from "../display/spans.ts";

const KEYS: readonly [keys: string, what: string][] = [
  ["up, down, j, k", "select; PgUp, PgDn, Home, End, g, G: further"],
  ["/", "show only ids with a word: type it, Enter keeps it, Esc takes it back"],
  ["o", "order: tree, status (worst first), name, heartbeat (oldest first), uptime"],
  ["a", "also what is stopped, removed or old"],
  ["Space, Enter", "fold a launcher, or unfold it"],
  ["l", "the log of the selected service, live"],
  ["w", "why it is in its state"],
  ["r", "restart it; asks first"],
  ["s", "stop it, until it is started again; asks first"],
  ["S", "start it; asks first"],
  ["Esc", "back; in the list: no filter"],
  ["Ctrl-L, Ctrl-Z", "draw everything again; suspend"],
  ["q, Ctrl-C", "quit"],
];

export function helpLines(unicode: boolean): Span[] {
  const width = Math.max(...KEYS.map(([keys]) => keys.length));
  return [
    { text: "Keys", style: "bold" },
    ...KEYS.map(([keys, what]): Span => ({ text: `  ${keys.padEnd(width)}  ${what}` })),
    { text: "" },
    ...renderLegend({ color: false, unicode }).map((text): Span => ({ text })),
  ];
}
