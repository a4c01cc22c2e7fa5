// A configuration file, checked as tcs run --check does: every line of it, and every service's file.
import { countOf } from "../../common/plural.ts";
import { ConfigError, FleetSource } from "../../config/index.ts";
import { judgeConfig, workerHome } from "../../launcher/index.ts";
import type { ConfigContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";

/** The doctor has other things to look at, too, milliseconds. */
const SILENCE_MS = 2_000;

export async function checkConfiguration({ config, env }: ConfigContext): Promise<Finding[]> {
  const { file, builtinTypes, workerEntry } = config;
  const source = new FleetSource({ file, env, builtinTypes });
  const { services, issues, warnings } = await judgeConfig(source, workerHome(workerEntry), { silenceMs: SILENCE_MS });
  if (issues.length > 0) {
    const { lines } = new ConfigError(issues);
    return lines.map((line) => error(line, "nothing starts from this file until it is mended"));
  }
  if (warnings.length === 0) return [ok(`${file}: ${countOf(services, "service")}, all well`)];
  return warnings.map(({ id, message }) =>
    warning(`${id}: ${message}`, "mend the service's file: it will be failed, the others will run"),
  );
}
