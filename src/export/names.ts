// Names that containers and their orchestrators take: DNS labels.
import { createHash } from "node:crypto";

/** RFC 1123 allows 63; a CronJob puts 11 characters of its own behind its name. */
const LONGEST = 52;

/** Whether `text` is a DNS label, short enough for all. */
export function isLabel(text: string): boolean {
  return text.length <= LONGEST && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

/** A label that tells `text`; another text that would have the same one gets a hash behind it. */
export function labelOf(text: string, taken: ReadonlySet<string>): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  if (plain !== "" && plain.length <= LONGEST && !taken.has(plain)) return plain;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 6);
  return `${plain.slice(0, LONGEST - hash.length - 1).replace(/-+$/, "") || "service"}-${hash}`;
}

/** A unit's name among all that may run beside it: a label as well, however long the two are. */
export function fullName(whole: { name: string }, unit: { name: string }): string {
  return unit.name === whole.name ? unit.name : labelOf(`${whole.name}-${unit.name}`, new Set());
}
