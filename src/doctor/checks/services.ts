// How the fleet itself is: the first line of tcs status.
import { summarize } from "../../client/summary.ts";
import { countOf, plural } from "../../common/plural.ts";
import { StreamUnreadableError } from "../../messaging/stream-error.ts";
import type { BrokerContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";

/** More are not told one by one. */
const MOST_TOLD = 3;

export async function checkServices({ look }: BrokerContext): Promise<Finding[]> {
  const { services, streams } = await look.fleet();
  // A stream that is not there is told where the streams are.
  const fault = streams.find((stream) => stream.fault && stream.fault.reason !== "no_stream")?.fault;
  if (fault) throw new StreamUnreadableError(fault.message);
  const summary = summarize(services);
  const running = `${summary.running} of ${summary.services} ${plural("service", summary.services)} running, ${countOf(summary.launchers, "launcher")}`;
  if (summary.problems.length === 0) {
    return [ok(summary.services + summary.launchers === 0 ? "nothing is running" : running)];
  }
  const find = summary.healthy ? warning : error;
  const told = summary.problems.slice(0, MOST_TOLD);
  const more = summary.problems.length - told.length;
  return [
    ...told.map(({ serviceId, status, reason, kind }) =>
      find(`${serviceId} ${status}: ${reason}`, kind === "launcher" ? "tcs status --detailed" : `tcs why ${serviceId}`),
    ),
    ...(more > 0 ? [find(`${more} more like this; ${running}`, "tcs status")] : []),
  ];
}
