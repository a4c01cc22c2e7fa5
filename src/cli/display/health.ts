// What a service answers to `health` and `stats`, for people.
import { formatDuration } from "../../client/duration.ts";
import { HEALTH_OF } from "../../client/health.ts";
import { isJsonObject, type Json, type JsonObject } from "../../common/json.ts";
import { isStatus } from "../../monitoring/status.ts";
import { paintFor } from "./colors.ts";
import { HEALTH_SYMBOLS } from "./symbols.ts";
import type { RenderOptions } from "./view.ts";
import { clean, padEnd, widthOf } from "./width.ts";

export function renderHealth(answer: JsonObject, options: RenderOptions): string[] {
  const message = typeof answer.message === "string" ? `  ${answer.message}` : "";
  const checks = Object.entries(object(answer.checks));
  const width = Math.max(0, ...checks.map(([name]) => widthOf(name)));
  return [
    statusLine(String(answer.service_id ?? ""), answer.status, message, options),
    ...checks.map(([name, status]) => `  ${statusLine(padEnd(name, width), status, "", options)}`),
  ];
}

function statusLine(name: string, status: unknown, message: string, options: RenderOptions): string {
  const known = isStatus(status) ? status : "unknown";
  const symbol = HEALTH_SYMBOLS[HEALTH_OF[known]];
  const glyph = paintFor(options.color)(symbol.style, options.unicode ? symbol.unicode : symbol.ascii);
  return `${glyph} ${clean(`${name}  ${String(status)}${message}`, options.unicode)}`;
}

export function renderStats(answer: JsonObject, options: RenderOptions): string[] {
  const { uptime_seconds: uptime } = answer;
  const rows = flatten(object(answer.stats));
  const width = Math.max(0, ...rows.map(([name]) => widthOf(name)));
  const up = typeof uptime === "number" ? `, up ${formatDuration(uptime)}` : "";
  return [
    clean(`${String(answer.service_id ?? "")}${up}`, options.unicode),
    ...rows.map(([name, value]) => `    ${clean(`${padEnd(name, width)}  ${value}`, options.unicode)}`),
  ];
}

/** `counters.rpc_requests  3` */
function flatten(values: JsonObject, prefix = ""): [name: string, value: string][] {
  return Object.entries(values).flatMap(([key, value]): [string, string][] => {
    if (isJsonObject(value)) return flatten(value, `${prefix}${key}.`);
    return [[prefix + key, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
