// The answer of `tcs why`: from what matters most to what explains it.
import { explainExit } from "../../client/exit-words.ts";
import { object } from "../../client/facts.ts";
import type { ServiceInfo, WhyAnswer } from "../../client/index.ts";
import type { Json, JsonObject } from "../../common/json.ts";
import { fromWireTimestamp } from "../../messaging/timestamp.ts";
import { timeAndAge } from "./age.ts";
import { statusSpans } from "./cells.ts";
import { describeHeldAt } from "./held.ts";
import { nameOf } from "./names.ts";
import { drawSpans, type Span } from "./spans.ts";
import { HEALTH_SYMBOLS } from "./symbols.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

const LABEL_WIDTH = 12;
/** Events shown. */
const MOST_EVENTS = 15;

export function renderWhy(
  id: string,
  info: ServiceInfo | undefined,
  answers: readonly WhyAnswer[],
  options: RenderOptions,
): string[] {
  const lines = [headline(id, info, options)];
  const add = (label: string, value: string | undefined) => {
    if (value === undefined) return;
    const title: Span = { text: `  ${(label === "" ? "" : `${label}:`).padEnd(LABEL_WIDTH)}`, style: "dim" };
    lines.push(drawSpans([title, { text: clean(value, options.unicode) }], options));
  };
  add("Trouble", info?.reason);
  add("Message", info?.message === info?.reason ? undefined : info?.message);
  if (info?.ephemeral) add("Run by", "hand: it is in no launcher's configuration");
  for (const { launcher, answer, fault } of answers) {
    add("Launcher", `${nameOf(launcher, options)}${fault === undefined ? "" : `: ${fault}`}`);
    if (answer) for (const [label, value] of facts(answer, options.now)) add(label, value);
  }
  if (answers.every(({ answer }) => !answer)) for (const [label, value] of heard(info, options.now)) add(label, value);
  return lines;
}

function headline(id: string, info: ServiceInfo | undefined, options: RenderOptions): string {
  if (!info) return drawSpans([{ text: "? " }, { text: clean(id, options.unicode), style: "bold" }], options);
  const { unicode, ascii, style } = HEALTH_SYMBOLS[info.health];
  const symbol: Span = { text: options.unicode ? unicode : ascii, style };
  const name: Span = { text: clean(id, options.unicode), style: "bold" };
  return drawSpans([symbol, { text: " " }, name, { text: "  " }, ...statusSpans(info, options)], options);
}

type Row = [label: string, value: string | undefined];

/** What the launcher knows. */
function facts(answer: JsonObject, now: number): Row[] {
  const { state, pid, restart, config, log } = answer;
  const end = object(answer.last_end);
  const source = object(config);
  return [
    ["State", `${text(state) ?? "unknown"}${pid === undefined ? "" : `, pid ${String(pid)}`}`],
    ["Target", target(answer, now)],
    ["Last end", end && describeEnd(end, now)],
    ["Last error", end && describeFault(end)],
    ["Restarts", restarts(answer, object(restart))],
    ["Config", source && `${text(source.file) ?? "?"}:${String(source.line)}`],
    ...texts(answer.config_remote).map((name, i): Row => [i === 0 ? "From NATS" : "", name]),
    ["Values", valuesOf(object(answer.config_change), now)],
    ["Module", text(answer.module)],
    ["Command", text(answer.command)],
    ["Runs in", [text(answer.home), answer.group && `group ${String(answer.group)}`].filter(Boolean).join(", ")],
    ...list(answer.history)
      .slice(-MOST_EVENTS)
      .map((event, i): Row => [i === 0 ? "History" : "", describeEvent(event)]),
    ...list(log).map((line, i): Row => [i === 0 ? "Log" : "", describeLine(line)]),
  ];
}

/** What was heard before its launcher fell silent. */
function heard(info: ServiceInfo | undefined, now: number): Row[] {
  if (!info) return [];
  const at = (time: number | undefined) => (time === undefined ? undefined : timeAndAge(time, now));
  const { heldBy, crashTime, crashExitCode, exitCode } = info;
  const code = crashExitCode ?? exitCode;
  return [
    ["Target", heldBy && describeHeldAt(heldBy, now)],
    ["Started", at(info.startTime)],
    ["Stopped", at(info.stopTime)],
    ["Crashed", at(crashTime)],
    ["Last end", code === undefined ? undefined : explainExit(code)],
    ["Restarts", info.restartPolicy && `restart: ${info.restartPolicy}`],
    ["Heartbeat", at(info.heartbeatTime)],
  ];
}

function target(
  { target: wanted, set_by: by, set_at: at, set_reason: reason }: JsonObject,
  now: number,
): string | undefined {
  if (wanted !== "stopped") return text(wanted);
  return describeHeldAt({ by: String(by), at: fromWireTimestamp(at), reason: text(reason) }, now);
}

/** What came of the latest change of its configuration since it was started. */
function valuesOf(change: JsonObject | undefined, now: number): string | undefined {
  if (!change) return undefined;
  const keys = keysOf(change);
  const at = when(change.timestamp, now);
  switch (change.result) {
    case "applied":
      return `changed while it runs (${keys})${at}`;
    case "refused":
      return `it has refused a change (${keys}): ${String(change.error)}; it keeps those before`;
    case "ignored":
      return `changed (${keys})${at}: they count from its next start`;
    default:
      return undefined;
  }
}

function keysOf({ keys }: JsonObject): string {
  return Array.isArray(keys) ? keys.join(", ") : "";
}

function describeEnd(end: JsonObject, now: number): string {
  const code =
    typeof end.exit_code === "number" ? explainExit(end.exit_code, text(end.error) ?? text(end.message)) : "";
  const how = end.event === "crashed" ? "crashed" : (text(end.reason) ?? "ended").replaceAll("_", " ");
  return `${how}${code === "" ? "" : `, ${code}`}${when(end.timestamp, now)}`;
}

/** `lost star (dome.ts:14:11)` */
function describeFault(end: JsonObject): string | undefined {
  const error = text(end.error) ?? text(end.message);
  const place = text(end.place);
  return error === undefined || place === undefined ? error : `${error} (${place})`;
}

function restarts(answer: JsonObject, restart: JsonObject | undefined): string {
  const { starts, crashes, restarts: count } = answer;
  const counts = [
    counted(starts, "start", "starts"),
    counted(crashes, "crash", "crashes"),
    counted(count, "restart", "restarts"),
  ].join(", ");
  if (!restart) return counts;
  const most = restart.max === 0 ? "" : `, at most ${String(restart.max)} in ${String(restart.window_seconds)} s`;
  return `restart: ${String(restart.policy)}${most}; ${counts}`;
}

function counted(count: unknown, one: string, more: string): string {
  return `${String(count)} ${count === 1 ? one : more}`;
}

/** `22:03:06  crashed  exit_code=1 message=no power` */
function describeEvent(event: JsonObject): string {
  const { event: name, timestamp, target: _, set_at: _at, ...fields } = event;
  const time = fromWireTimestamp(timestamp);
  const clock = time === undefined ? "" : new Date(time).toISOString().slice(11, 19);
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${eventValue(key, value)}`);
  return `${clock} ${String(name).padEnd(10)} ${rest.join(" ")}`.trimEnd();
}

function eventValue(key: string, value: Json | undefined): string {
  const change = key === "config_change" ? object(value) : undefined;
  if (!change) return typeof value === "object" ? JSON.stringify(value) : String(value);
  // When it was the line says already.
  const reason = change.error === undefined ? "" : `: ${String(change.error)}`;
  return `${String(change.result)} (${keysOf(change)})${reason}`;
}

function describeLine({ timestamp, level, message }: JsonObject): string {
  const time = fromWireTimestamp(timestamp);
  const clock = time === undefined ? "" : new Date(time).toISOString().slice(11, 19);
  return `${clock} ${String(level).toUpperCase()} ${String(message)}`;
}

function when(at: Json | undefined, now: number): string {
  const time = fromWireTimestamp(at);
  return time === undefined ? "" : ` at ${timeAndAge(time, now)}`;
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(object).filter((item) => item !== undefined) : [];
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
