// What a program said, made comparable with what a document shows: times, pids, ports and the like do not count.

const VARIABLE: [RegExp, string][] = [
  // A column of who did something, before that of its age.
  [/ [^\s@]+@\S+(?= +\d+ [smhd]$)/g, " WHO"],
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( UTC|Z)?/g, "TIME"],
  // A service has no heartbeat and no uptime in its first seconds.
  [/♥ /g, ""],
  [/\bBEAT\b/g, ""],
  [/launcher\.[A-Za-z0-9]{6}\.[\w-]+-(worker|process|inline)-launcher/g, "launcher.ID.HOST-$1-launcher"],
  [/launcher [A-Za-z0-9]{6} on \S+ \((worker|process|inline)\)/g, "launcher ID on HOST ($1)"],
  [/\b\d+(\.\d+)? (ms|s|m|h|d)\b/g, ""],
  [/\b\d+(\.\d+)? (B|KiB|MiB|GiB|TiB)\b/g, "N bytes"],
  // Of four numbers it is an address.
  [/(?<![\d.])\d+\.\d+\.\d+(?!\.?\d)(-dev\.\d+)?(\+[\w.]+)?/g, "VERSION"],
  [/\b\d+ times\b/g, "N times"],
  [/\bpid \d+/g, "pid N"],
  // A column of them.
  [/ \d+ +(?=launcher ID on HOST)/g, " N "],
  [/\bby [^\s@]+@\S+/g, "by WHO"],
  [/^( *)PID: +\d+/g, "$1PID: N"],
  [/^( *)Host: +\S+/g, "$1Host: HOST"],
  [/#token=\S+/g, "#token=TOKEN"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"],
  [/\((started here|found running)\)/g, "(HERE)"],
  [/\[[\d.]+m?s\]/g, "[N]"],
  // A last word that was cut to the width of the terminal: how much of it is left depends on the columns before it.
  [/\S+…$/g, "…"],
];

/** A line without what differs from run to run, or with the width of a column. */
export function comparable(line: string): string {
  let text = line;
  for (const [pattern, word] of VARIABLE) text = text.replaceAll(pattern, word);
  return text.replaceAll(/ +/g, " ").trim();
}

export function comparableLines(text: string): string[] {
  return text
    .split("\n")
    .map(comparable)
    .filter((line) => line !== "");
}

/** Whether `said` is what the document shows; a line `…` stands for any lines. */
export function saysTheSame(shown: readonly string[], said: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return said.length === 0;
  if (first === "…") return said.some((_, at) => saysTheSame(rest, said.slice(at))) || rest.length === 0;
  return said.length > 0 && first === said[0] && saysTheSame(rest, said.slice(1));
}

/** The lines that are shown and were not said, in whatever order. */
export function missingFrom(shown: readonly string[], said: readonly string[]): string[] {
  const left = [...said];
  return shown.filter((line) => {
    if (line === "…") return false;
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
