// tcs rpc: calls a command of a service.
import { askService } from "../../client/ask-service.ts";
import { describeError, ExitCode, UsageError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { fleetArgs, serviceArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { jsonText } from "../display/status-json.ts";
import { withFleet } from "../fleet-access.ts";
import { parseLimit } from "../numbers.ts";
import { write } from "../output.ts";

const LIMIT_MS = 30_000;

export default defineCommand({
  meta: { name: "rpc", description: "Call a command of a service, or of a launcher; the answer is printed as JSON" },
  examples: [["tcs rpc hello_world.main health"], [`tcs rpc camera.main expose '{"seconds": 5}' --timeout 60`]],
  args: {
    ...serviceArg,
    command: { type: "positional", required: true, description: "Name of the command" },
    data: { type: "positional", required: false, description: `Its argument, as '{"seconds": 5}'` },
    timeout: { type: "string", description: "How long to wait for the answer, seconds (30)", valueHint: "SECONDS" },
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const data = parseData(args.data);
    const limitMs = parseLimit(args.timeout, "--timeout") ?? LIMIT_MS;
    const answer = await withFleet(args, "tcs rpc", (access) =>
      askService(access, args.id, args.command, data, limitMs),
    );
    write([jsonText(answer)]);
    return ExitCode.ok;
  },
});

/** @throws UsageError when it is no JSON object */
function parseData(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`tcs rpc: the argument is no JSON: ${describeError(error)}`, { hint: `as '{"seconds": 5}'` });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`tcs rpc: given ${text}, expected a JSON object`, { hint: `as '{"seconds": 5}'` });
  }
  // Parsed from JSON, and an object.
  return value as JsonObject;
}
