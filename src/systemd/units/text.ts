// Unit files as text: sections, quoting, and names as systemd escapes them (systemd.unit(5), systemd.syntax(7)). Pure.

export type Directive = readonly [name: string, value: string];

/** Sections in their order, without those that are empty. */
export function unitText(head: readonly string[], sections: Readonly<Record<string, readonly Directive[]>>): string {
  const comment = head.map((line) => `# ${line}`).join("\n");
  const blocks = Object.entries(sections)
    .filter(([, directives]) => directives.length > 0)
    .map(([name, directives]) => [`[${name}]`, ...directives.map(([key, value]) => `${key}=${value}`)].join("\n"));
  return `${[comment, ...blocks].join("\n\n")}\n`;
}

/** A text that stands for itself: `%` would begin a specifier. */
export function literal(text: string): string {
  return text.replaceAll("%", "%%");
}

/** One word of a list, or of Environment=. */
export function quoted(text: string): string {
  if (/^[\w@+.,:/=-]+$/.test(text)) return text;
  const escaped = literal(text).replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/** One word of a command line, where `$` would begin a variable. */
export function commandWord(text: string): string {
  return quoted(text).replaceAll("$", "$$$$");
}

/** A time as systemd reads it. */
export function timeSpan(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.ceil(ms)}ms`;
}

/** As `systemd-escape`: what stands after the `@` of a unit's name. */
export function escapeInstance(text: string): string {
  return [...new TextEncoder().encode(text)]
    .map((byte, at) => {
      const char = String.fromCharCode(byte);
      if (char === "/") return "-";
      if (/[A-Za-z0-9:_]/.test(char) || (char === "." && at > 0)) return char;
      return `\\x${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** As `systemd-escape --path`: in a unit `%f` is the path again. @param path absolute, without `..` */
export function escapePath(path: string): string {
  const inner = path
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  return inner === "" ? "-" : escapeInstance(inner);
}
