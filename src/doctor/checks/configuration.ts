// A configuration file, checked as tcs run --check does: every line of it, and every service's file.
import { countOf } from "../../common/plural.ts";
import { ConfigError, FleetSource } from "../../config/index.ts";
import { checkFleet, withFieldIssues, workerHome } from "../../launcher/index.ts";
import type { ConfigContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";

export async function checkConfiguration({ config, env }: ConfigContext): Promise<Finding[]> {
  const { file, builtinTypes, workerEntry } = config;
  const source = new FleetSource({ file, env, builtinTypes });
  const startWorker = workerHome(workerEntry);
  try {
    const { fleet, env: theirs } = await source.read();
    const faults = await checkFleet(fleet, startWorker, { env: theirs });
    if (faults.length === 0) return [ok(`${file}: ${countOf(fleet.services.length, "service")}, all well`)];
    return faults.map(({ id, message }) =>
      warning(`${id}: ${message}`, "mend the service's file: it will be failed, the others will run"),
    );
  } catch (cause) {
    const fault = await withFieldIssues(cause, startWorker, () => source.environment());
    if (!(fault instanceof ConfigError)) throw fault;
    return fault.lines.map((line) => error(line, "nothing starts from this file until it is mended"));
  }
}
