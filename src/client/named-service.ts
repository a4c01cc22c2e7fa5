// The one service that a word of an operator means, or why there is none.
import { NotFoundError } from "../common/errors.ts";
import { type Meaning, meaningOf } from "./select.ts";
import type { ServiceInfo } from "./service-info.ts";

/** How many of several are named. */
const MOST_NAMED = 6;

/**
 * @param services all that is known
 * @param more ids that launchers list
 * @throws NotFoundError with the nearest name, or with all that it may mean
 */
export function namedService(word: string, services: readonly ServiceInfo[], more: readonly string[] = []): string {
  const current = services.filter((info) => !info.removed && (info.current || info.declared));
  const meaning = meaningOf(
    word,
    new Set([...services.map(({ serviceId }) => serviceId), ...more]),
    new Set([...current.map(({ serviceId }) => serviceId), ...more]),
  );
  if (meaning.kind === "one") return meaning.id;
  throw unclearName(word, meaning);
}

/** @param after what else is to be said of it, as `; nothing was done` */
export function unclearName(word: string, meaning: Exclude<Meaning, { kind: "one" }>, after = ""): NotFoundError {
  if (meaning.kind === "several") {
    const { ids } = meaning;
    const rest = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
    return new NotFoundError(`"${word}" may be ${ids.slice(0, MOST_NAMED).join(", ")}${rest}${after}`, {
      hint: "say which, by its id",
    });
  }
  const what = /[*?]/.test(word) ? `no service matches "${word}"` : `no service "${word}"`;
  return new NotFoundError(`${what}${after}`, {
    hint: meaning.nearest ? `did you mean "${meaning.nearest}"?` : '"tcs list" lists all services',
  });
}
