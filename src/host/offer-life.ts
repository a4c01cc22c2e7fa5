// A process that runs services answers for its life on its own host, for `tcs health --local` and what probes with it.
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { answerForLife } from "../common/sign-of-life.ts";
import { isHealthy, type Status } from "../monitoring/status.ts";

/** How it is: the status of what it runs, and what is said with it. */
export interface Standing {
  status: Status;
  message?: string | undefined;
}

/**
 * Where that is not possible it is told in the log: it is no reason not to run the services.
 * @param standing asked at each answer
 * @returns ends it
 */
export async function offerLife(id: string, logger: Logger, standing: () => Standing): Promise<() => void> {
  try {
    return await answerForLife(() => {
      const { status, message = "" } = standing();
      return { id, status, message, healthy: isHealthy(status) };
    });
  } catch (error) {
    logger.warning(`"tcs health --local" will find nothing here: ${describeError(error)}`);
    return () => undefined;
  }
}
