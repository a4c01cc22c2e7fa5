// `{variant}` in the command of a foreign program: what is known of its service only when it runs.
import { nearest } from "../common/nearest.ts";

/** What may stand in a command, and what it becomes; `docs/foreign-programs.md` has the same list. */
export const PLACEHOLDERS = [
  "config_file",
  "service_id",
  "type",
  "variant",
  "runner_id",
  "parent_name",
  "nats_url",
  "subject_prefix",
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type PlaceholderValues = Readonly<Record<Placeholder, string>>;

/** `{name}`, or `{{name}}` for these characters themselves; other braces, as those of JSON, mean nothing. */
const PATTERN = /\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The placeholders in `text`, known or not. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PATTERN)].flatMap(([, , name]) => name ?? []);
}

export function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

/** The placeholder that `name` may have been meant for. */
export function nearestPlaceholder(name: string): string | undefined {
  return nearest(name, PLACEHOLDERS);
}

/** `text` with its placeholders filled in; those without a value stay as they are. */
export function fillPlaceholders(text: string, values: Partial<PlaceholderValues>): string {
  return text.replaceAll(PATTERN, (whole, literal: string | undefined, name: string | undefined) => {
    if (literal !== undefined) return `{${literal}}`;
    return (name !== undefined && isPlaceholder(name) ? values[name] : undefined) ?? whole;
  });
}
