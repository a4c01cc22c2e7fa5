// What the symbols of `tcs status` mean.
import { DEAD_AFTER_S, STALE_AFTER_S } from "../../client/heartbeat.ts";
import { paintFor } from "./colors.ts";
import { HEALTH_SYMBOLS, HEART, RESTART_SYMBOLS, type Sign } from "./symbols.ts";
import { padEnd } from "./width.ts";

export function renderLegend(options: { color: boolean; unicode: boolean }): string[] {
  const paint = paintFor(options.color);
  const glyph = (symbol: Pick<Sign, "unicode" | "ascii">) => (options.unicode ? symbol.unicode : symbol.ascii);
  const rows = (symbols: Iterable<Sign>, width: number) =>
    [...symbols].map((symbol) => {
      const name = symbol.style === "dim" ? "grey" : symbol.style;
      return `  ${paint(symbol.style, padEnd(glyph(symbol), width))} ${padEnd(name, 6)} ${symbol.meaning}`;
    });
  const heart = (style: "green" | "yellow" | "red", meaning: string) =>
    `  ${paint(style, glyph(HEART))} ${padEnd(style, 6)} ${meaning}`;
  const restarts = Object.values(RESTART_SYMBOLS);
  return [
    paint("bold", "Status"),
    ...rows(Object.values(HEALTH_SYMBOLS), 1),
    "",
    paint("bold", "Heartbeat, with its age"),
    heart("green", `alive: less than ${STALE_AFTER_S} s ago`),
    heart("yellow", `stale: ${STALE_AFTER_S} s to ${DEAD_AFTER_S / 60} m ago`),
    heart("red", `dead: more than ${DEAD_AFTER_S / 60} m ago`),
    "",
    paint("bold", "Restarts"),
    ...rows(restarts, Math.max(...restarts.map((symbol) => glyph(symbol).length))),
    "  (2/5)      second restart of five allowed",
    `  (7/${options.unicode ? "∞" : "unlimited"})      seventh restart, any number allowed`,
  ];
}
