// What a check finds: how bad it is, what it is, and what to do about it.

/** Best first. A warning works, with a doubt; an error is to be mended. */
export const LEVELS = ["ok", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

/** `text` and `advice` are one line each. What is not well comes with what to do. */
export type Finding = { level: "ok"; text: string } | { level: "warning" | "error"; text: string; advice: string };

export function ok(text: string): Finding {
  return { level: "ok", text };
}

export function warning(text: string, advice: string): Finding {
  return { level: "warning", text, advice };
}

export function error(text: string, advice: string): Finding {
  return { level: "error", text, advice };
}

/** `ok` when there are none. */
export function worstLevel(findings: Iterable<{ level: Level }>): Level {
  let worst = 0;
  for (const { level } of findings) worst = Math.max(worst, LEVELS.indexOf(level));
  return LEVELS[worst] ?? "ok";
}
