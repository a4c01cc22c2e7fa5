// Values that no launcher uses: they do not fit, or nobody has such a service.
import type { ServiceInfo } from "../../client/service-info.ts";
import { nearest } from "../../common/nearest.ts";
import type { Scope } from "../../config/overlay.ts";
import { type ReadSetting, scopeWords } from "../../settings/index.ts";
import type { Judge } from "../../settings/judge.ts";

/** How many of several services are named. */
const MOST_NAMED = 6;

/** A line for each fault of what is stored: launchers keep what was in use before. */
export function unfitLines({ scope, fields, revision }: ReadSetting, judge: Judge): string[] {
  return judge.faults(`${scopeWords(scope)} revision ${revision}`, fields).map((fault) => `not in use: ${fault}`);
}

/**
 * That nobody has the services whose values these are: a name that was mistyped is stored like any other.
 * @param services all that there are; undefined: not known
 */
export function strangerLines(scopes: readonly Scope[], services: readonly ServiceInfo[] | undefined): string[] {
  if (!services) return [];
  const known = new Set(services.map(({ serviceId }) => serviceId));
  const ids = scopes.flatMap((scope) => (scope.kind === "service" && !known.has(scope.id) ? [scope.id] : []));
  const [first] = ids;
  if (first === undefined) return [];
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
  const near = ids.length === 1 ? nearest(first, [...known]) : undefined;
  const guess = near === undefined ? "" : ` (did you mean ${near}?)`;
  return [`no launcher has ${ids.slice(0, MOST_NAMED).join(", ")}${more}: such values wait for one that does${guess}`];
}
