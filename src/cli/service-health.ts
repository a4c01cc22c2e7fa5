// The health checks of a service, asked over the broker.
import { askService } from "../client/ask-service.ts";
import { isHealthy, isStatus } from "../monitoring/status.ts";
import { renderHealth } from "./display/health.ts";
import { jsonText } from "./display/status-json.ts";
import { type BrokerFlags, withFleet } from "./fleet-access.ts";
import { renderOptions, write } from "./output.ts";

/** Shows them. @returns whether it is healthy */
export async function serviceHealth(args: BrokerFlags & { id: string; json?: boolean | undefined }): Promise<boolean> {
  const answer = await withFleet(args, "tcs health", (access) => askService(access, args.id, "health"));
  write(args.json ? [jsonText(answer)] : renderHealth(answer, renderOptions()));
  return isStatus(answer.status) && isHealthy(answer.status);
}
