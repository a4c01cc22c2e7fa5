// `tcs start`, `tcs stop` and `tcs restart`: one command in three words.
import { type OrderResult, type OrderVerb, orderServices } from "../client/index.ts";
import { ExitCode, UsageError } from "../common/errors.ts";
import { countOf } from "../common/plural.ts";
import { fleetArgs, jsonArg } from "./common-args.ts";
import { defineCommand, type Examples } from "./define-command.ts";
import { describeOrder, orderJson } from "./display/orders.ts";
import { jsonText } from "./display/status-json.ts";
import { withFleet } from "./fleet-access.ts";
import { parseLimit } from "./numbers.ts";
import { renderOptions, tell, write } from "./output.ts";
import { refuseBesideAll } from "./strict-args.ts";

const ABOUT = {
  start: "Start services, also those that an operator had stopped",
  stop: "Stop services; they stay stopped until somebody starts them",
  restart: "Stop services and start them again",
} as const satisfies Record<OrderVerb, string>;

const EXAMPLES = {
  start: [
    ["tcs start hello_world.main", "also after a stop that holds"],
    ["tcs start 'examples.*' hello_world.main"],
    ["tcs start --all", "every service of every launcher"],
  ],
  stop: [["tcs stop hello_world.main"], ['tcs stop hello_world.main --reason "lens cleaning"', "told by tcs why"]],
  restart: [["tcs restart hello_world.main"], ["tcs restart 'examples.*' --reason \"new lens\""]],
} as const satisfies Record<OrderVerb, Examples>;

export function orderCommand(verb: OrderVerb) {
  return defineCommand({
    meta: { name: verb, description: ABOUT[verb] },
    examples: EXAMPLES[verb],
    args: {
      id: {
        type: "positional",
        required: false,
        description: 'Services: ids, types if there is one of it, or patterns as "camera.*"',
        valueHint: "...",
      },
      all: { type: "boolean", description: "Every service of every launcher that answers" },
      reason: { type: "string", description: "Why: told by tcs status and tcs why", valueHint: "TEXT" },
      timeout: {
        type: "string",
        description: "How long to wait until it is done, seconds (30, or what a stop may take)",
        valueHint: "SECONDS",
      },
      launcher: { type: "string", description: "Only at the launcher with this in its name", valueHint: "NAME" },
      ...jsonArg,
      ...fleetArgs,
    },
    async run({ args }): Promise<number> {
      const words = args._;
      refuseBesideAll(args.all, words, verb);
      if (words.length === 0 && !args.all) {
        throw new UsageError(`tcs ${verb}: which services?`, {
          hint: `as "tcs ${verb} camera.main", "tcs ${verb} 'camera.*'" or --all`,
        });
      }
      const limitMs = parseLimit(args.timeout, "--timeout");
      return await withFleet(args, `tcs ${verb}`, async (access) => {
        const order = { by: access.by, reason: args.reason, launcher: args.launcher, limitMs };
        const results = await orderServices(access, verb, args.all ? ["*"] : words, order);
        if (args.json) write([jsonText(orderJson(verb, results))]);
        else report(verb, results);
        return results.every(({ ok }) => ok) ? ExitCode.ok : ExitCode.failure;
      });
    },
  });
}

function report(verb: OrderVerb, results: readonly OrderResult[]): void {
  const options = renderOptions();
  for (const result of results) {
    const line = describeOrder(verb, result, options);
    if (result.ok) write([line]);
    else tell(line);
  }
  if (results.length < 2) return;
  const failed = results.filter(({ ok }) => !ok).length;
  if (failed > 0) tell(`${verb}: ${failed} of ${countOf(results.length, "service")} failed`);
}
