// Answers requests to one service, in the service's own event loop: health, stats, and the commands it declares.
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../common/json.ts";
import { nearest } from "../common/nearest.ts";
import { showValue } from "../config/errors.ts";
import { expectedAt } from "../config/schema-words.ts";
import { RequestError } from "../messaging/rpc.ts";
import { healthAnswer, statsAnswer } from "../monitoring/answers.ts";
import type { ServiceController } from "./controller.ts";
import { commandsOf, RESERVED_COMMANDS, type RpcCommand } from "./rpc.ts";

/** How long a command may take before its caller is told that it goes on without an answer, milliseconds. */
const COMMAND_LIMIT_MS = 60_000;

export interface ServiceRequestsOptions {
  controller: ServiceController;
  /** Runs code of the service. */
  enter: <T>(run: () => T) => T;
  commandLimitMs?: number;
}

export class ServiceRequests {
  readonly #options: ServiceRequestsOptions;
  readonly #startedAtMs = performance.now();
  readonly #counts = { asked: 0, failed: 0 };

  constructor(options: ServiceRequestsOptions) {
    this.#options = options;
  }

  /** @throws RequestError, or what the command threw */
  async answer(command: string, data: JsonObject): Promise<JsonObject> {
    const { id, monitor, stats } = this.#options.controller;
    this.#counts.asked += 1;
    try {
      switch (command) {
        case "health":
          return await healthAnswer(id, monitor);
        case "stats":
          return await statsAnswer(id, monitor, this.#startedAtMs, this.#counts, { lifecycle: stats.toJSON() });
        default:
          return await this.#command(command, data);
      }
    } catch (error) {
      this.#counts.failed += 1;
      throw error;
    }
  }

  async #command(name: string, data: JsonObject): Promise<JsonObject> {
    const { controller } = this.#options;
    const { service } = controller;
    const { state } = controller.lifecycle;
    if (!service || (state !== "started" && state !== "running")) {
      throw new RequestError(`${controller.id} is ${state}: it answers commands while it is running`);
    }
    const commands = commandsOf(service);
    const command = commands.get(name);
    if (!command) throw unknownCommand(controller.id, name, [...commands.keys(), ...RESERVED_COMMANDS]);
    const args = command.args ? await parseArgs(command, command.args, data) : data;
    const method: unknown = Reflect.get(service, command.key);
    if (typeof method !== "function") throw new RequestError(`${String(command.key)} of ${controller.id} is no method`);
    const answer: unknown = await this.#withinLimit(name, () => Reflect.apply(method, service, [args]));
    return toData(name, answer);
  }

  async #withinLimit(name: string, run: () => unknown): Promise<unknown> {
    const { enter, commandLimitMs = COMMAND_LIMIT_MS } = this.#options;
    const answer = enter(async () => await run());
    if (await atMost(commandLimitMs, answer)) return await answer;
    throw new RequestError(`${name} has not ended within ${commandLimitMs / 1000} s; it goes on`);
  }
}

function unknownCommand(id: string, name: string, known: string[]): RequestError {
  const near = nearest(name, known);
  const hint = near ? `; did you mean "${near}"?` : "";
  return new RequestError(`${id} has no command "${name}" (it has ${known.join(", ")})${hint}`);
}

async function parseArgs(command: RpcCommand, schema: NonNullable<RpcCommand["args"]>, data: JsonObject) {
  const result = await schema.safeParseAsync(data);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const given = path.reduce<unknown>((value, key) => Object(value)[key], data);
    return `${path.join(".") || "the argument"}: given ${showValue(given)}, expected ${expectedAt(schema, path, issue)}`;
  });
  throw new RequestError(`${command.name}: ${faults.join("; ")}`);
}

/** What a command returned, as the wire carries it. */
function toData(name: string, answer: unknown): JsonObject {
  if (answer === undefined || answer === null) return {};
  try {
    const copy: unknown = JSON.parse(JSON.stringify(answer));
    // Parsed from JSON: what is no object is another Json.
    return isJsonObject(copy) ? copy : { result: copy as Json };
  } catch (cause) {
    throw new RequestError(`${name} returned what is no JSON (${describeError(cause)})`, { cause });
  }
}
