// The last word of a check of the configuration, for people.
import { countOf } from "../common/plural.ts";
import type { ConfigVerdict } from "../launcher/config-verdict.ts";

/** `services.yaml: 5 services, all well`. */
export function verdictLine(file: string, { services, issues, warnings }: ConfigVerdict): string {
  if (issues.length > 0) return `${file}: not valid, ${countOf(issues.length, "error")}`;
  const verdict = warnings.length === 0 ? "all well" : `${warnings.length} cannot be run as things are here`;
  return `${file}: ${countOf(services, "service")}, ${verdict}`;
}
