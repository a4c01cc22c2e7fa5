// A file that an export has written says so, with a checksum: so it is known whether a hand has changed it since.
import { createHash } from "node:crypto";

const BEGIN = "# Written by tcs export";
const STAMP = new RegExp(`^${BEGIN} [a-z0-9]+, checksum ([0-9a-f]{16})\\n`);

/** @param what was exported, as `docker` */
export function stamped(what: string, body: string): string {
  return `${BEGIN} ${what}, checksum ${checksum(body)}\n${body}`;
}

/** Whether `text` is just as an export has written it. */
export function isAsWritten(text: string): boolean {
  const [stamp, sum] = STAMP.exec(text) ?? [];
  return stamp !== undefined && sum === checksum(text.slice(stamp.length));
}

/** Lines of comment. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "#\n" : `# ${line}\n`)).join("");
}

export function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
