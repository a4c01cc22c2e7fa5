// Checks every service's file and configuration before any is started: of ours in a throw-away Worker.
import { ConfigError, type ConfigIssue, toConfigIssues, toRefusal } from "../config/index.ts";
import type { FleetConfig } from "../config/types.ts";
import type { CheckResult } from "../host/protocol.ts";
import { serviceSpec } from "../host/service-spec.ts";
import type { StartHost } from "./homes/home.ts";
import { programFault } from "./homes/program.ts";

/** How long the files may take to load, milliseconds; those that take longer are left to fail when started. */
const CHECK_LIMIT_MS = 10_000;

/**
 * @param startWorker the worker home
 * @param onSecrets hears texts that must not be shown, as the services' schemas declare them
 * @returns warnings: files that could not be loaded now. Their services will fail when started, the others will not.
 * @throws ConfigError with every issue of every service
 */
export async function checkFleet(
  fleet: FleetConfig,
  startWorker: StartHost,
  onSecrets?: (values: readonly string[]) => void,
): Promise<string[]> {
  const results = new Map((await askWorker(fleet, startWorker, onSecrets)).map((result) => [result.id, result]));
  const issues: ConfigIssue[] = [];
  const warnings: string[] = [];
  for (const row of fleet.services) {
    const result = results.get(row.id);
    if (result?.issues) issues.push(...toConfigIssues(row, result.issues));
    if (result?.refused) issues.push(toRefusal(row, result.refused));
    const warning = result?.warning ?? programFault(row);
    if (warning) warnings.push(`${row.id}: ${warning}`);
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return warnings;
}

async function askWorker(
  fleet: FleetConfig,
  startWorker: StartHost,
  onSecrets?: (values: readonly string[]) => void,
): Promise<CheckResult[]> {
  const specs = fleet.services.filter(({ home }) => home !== "exec").map((row) => serviceSpec(row, fleet));
  if (specs.length === 0) return [];
  const { promise, resolve } = Promise.withResolvers<CheckResult[]>();
  const nothing = (why: string) =>
    specs.map(({ id }): CheckResult => ({ id, warning: `could not be checked: ${why}` }));
  const host = startWorker({
    name: "check",
    settings: { shared: true },
    onMessage: (message) => {
      if (message.kind === "checked") resolve(message.results);
      else if (message.kind === "secrets") onSecrets?.(message.values);
    },
  });
  void host.ended.then((end) => resolve(nothing(end.error ?? "a service's file ended the check")));
  const timer = setTimeout(() => resolve(nothing("a file takes too long to load")), CHECK_LIMIT_MS);
  host.send({ kind: "check", specs });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    host.kill();
  }
}
