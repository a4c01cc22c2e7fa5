// The metrics of a launcher and its services, served for Prometheus while they run.
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { FleetConfig, MetricsSettings } from "../config/types.ts";
import type { Messenger } from "../messaging/index.ts";
import type { LauncherName } from "./launcher-id.ts";

export interface MetricsSource {
  messenger: Messenger;
  fleet: Pick<FleetConfig, "subjectPrefix">;
  name: Pick<LauncherName, "monitorName">;
  logger: Logger;
}

/** A port that cannot be had is told in the log: it is no reason not to run the services. @returns ends it */
export async function offerMetrics(address: MetricsSettings, source: MetricsSource): Promise<() => void> {
  const { messenger, fleet, name, logger } = source;
  const { serveMetrics } = await import("../metrics/index.ts");
  try {
    const { subjectPrefix } = fleet;
    const server = await serveMetrics(address, { messenger, subjectPrefix, launcher: name.monitorName });
    logger.info(`metrics at ${server.url}`);
    return () => server.stop();
  } catch (error) {
    logger.error(describeError(error));
    return () => undefined;
  }
}
