// What became of orders, in a line each, and as JSON.
import type { OrderResult, OrderVerb } from "../../client/index.ts";
import type { JsonObject } from "../../common/json.ts";
import { nameOf } from "./names.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

/** `camera.main stopped (was running, pid 4711)  [launcher 7UZhAz on vm (worker)]` */
export function describeOrder(verb: OrderVerb, result: OrderResult, options: Pick<RenderOptions, "unicode">): string {
  const { serviceId, launcher, ok, error } = result;
  const where = launcher === undefined ? "" : `  [${nameOf(launcher, options)}]`;
  const what = ok ? done(verb, result) : `not ${PARTICIPLES[verb]}: ${error ?? "no reason was given"}`;
  const unkept = result.reply?.not_kept;
  const warning = typeof unkept === "string" ? `; WARNING: ${unkept}` : "";
  return clean(`${serviceId} ${what}${warning}${where}`, options.unicode);
}

const PARTICIPLES = { start: "started", stop: "stopped", restart: "restarted" } as const satisfies Record<
  OrderVerb,
  string
>;

function done(verb: OrderVerb, { serviceId, reply = {} }: OrderResult): string {
  const { result, pid, was, was_pid: wasPid, set_by: setBy, set_reason: setReason } = reply;
  const force = reply.force_killed === true ? ` by force: ${String(reply.reason)}` : "";
  const now = pid === undefined ? "" : ` (pid ${pid})`;
  switch (result) {
    case "already_running":
      return `is already running${now}`;
    case "already_stopped":
      return `is stopped already, by ${String(setBy)}${setReason === undefined ? "" : ` ("${String(setReason)}")`}`;
    case "completed":
      return "started, and completed";
    case "restarted":
      return `restarted${force}${wasPid === undefined || wasPid === pid ? now : ` (pid ${wasPid}, now ${String(pid)})`}`;
    case "stopped": {
      const before = was === undefined ? "" : ` (was ${was}${wasPid === undefined ? "" : `, pid ${wasPid}`})`;
      return `stopped${force}${before}; it stays so until "tcs start ${serviceId}"`;
    }
    case "started":
      return `started${now}`;
    default:
      return `${PARTICIPLES[verb]}${now}`;
  }
}

/** Version 1: fields may be added; those of an answer are as on the wire (docs/control.md). */
export function orderJson(verb: OrderVerb, results: readonly OrderResult[]): JsonObject {
  return {
    version: 1,
    command: verb,
    ok: results.every(({ ok }) => ok),
    results: results.map(({ serviceId, launcher, ok, error, reply }) => ({
      ...reply,
      service_id: serviceId,
      launcher,
      ok,
      error,
    })),
  };
}
