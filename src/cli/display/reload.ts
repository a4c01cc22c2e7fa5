// What became of a reload, a line for each service that is concerned, and as JSON.
import { object } from "../../client/facts.ts";
import type { ReloadResult } from "../../client/index.ts";
import type { Json, JsonObject } from "../../common/json.ts";
import { nameOf } from "./names.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

/** What there is to say: of what was changed (data), and of what is not well (talk). */
export interface ReloadLines {
  data: string[];
  talk: string[];
  /** What is wrong with the configuration, each with its place: lines that editors understand, if nothing is put before. */
  issues: string[];
}

export function describeReload(result: ReloadResult, options: Pick<RenderOptions, "unicode">): ReloadLines {
  const { launcher, reply, error } = result;
  const name = nameOf(launcher.name, options);
  const lines = reply ? describeReply(name, reply) : said(`${name}: ${error ?? "no answer"}`);
  const harmless = (texts: string[]) => texts.map((text) => clean(text, options.unicode));
  return { data: harmless(lines.data), talk: harmless(lines.talk), issues: harmless(lines.issues) };
}

function said(line: string, issues: string[] = []): ReloadLines {
  return { data: [], talk: [line], issues };
}

function describeReply(name: string, reply: JsonObject): ReloadLines {
  switch (reply.result) {
    case "invalid":
      return said(`${name}: the configuration is not valid; nothing was changed`, texts(reply.issues));
    case "refused":
      return said(`${name}: ${String(reply.reason)}; nothing was changed`);
    default:
      return {
        data: [`${name}: ${counts(reply)}`, ...changes(reply)],
        talk: [
          ...texts(reply.notes),
          ...texts(reply.warnings),
          ...objects(reply.told).flatMap(describeTold),
          ...objects(reply.not_running).map((one) => `${id(one)} is ${stateWord(one.state)}: ${String(one.reason)}`),
        ],
        issues: [],
      };
  }
}

/** What is on standby as its row wants it is not among those that do not run. */
function stateWord(state: unknown): string {
  return state === "standby" ? "not started yet" : String(state);
}

/** `1 added, 2 changed, 7 unchanged` */
function counts(reply: JsonObject): string {
  const parts = (["added", "removed", "changed", "unchanged"] as const).flatMap((kind) => {
    const count = list(reply[kind]).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const would = reply.result === "checked" ? "would be: " : "";
  return parts.length === 0 ? "nothing to run" : `${would}${parts.join(", ")}`;
}

function changes(reply: JsonObject): string[] {
  const isDone = reply.result !== "checked";
  return [
    ...texts(reply.added).map((service) => `+ ${service}`),
    ...texts(reply.removed).map((service) => `- ${service}`),
    ...objects(reply.changed).map((one) => `~ ${id(one)}  ${texts(one.keys).join(", ")}  (${effect(one, isDone)})`),
  ];
}

/** Who has its new values is told with the changes. */
function describeTold(told: JsonObject): string[] {
  const keys = texts(told.keys).join(", ");
  switch (told.result) {
    case "refused":
      return [`${id(told)} has refused its new values (${keys}): ${String(told.reason)}`];
    case "pending":
      return [`${id(told)} has not taken its new values yet (${keys})`];
    case "restarted":
      return [`${id(told)} was restarted: its file has changed too`];
    default:
      return [];
  }
}

function effect(change: JsonObject, isDone: boolean): string {
  switch (change.effect) {
    case "restart":
      return isDone ? "restarted" : "to be restarted";
    case "live":
      return "without a restart";
    case "told":
      return isDone ? "told" : "to be told";
    case "next run":
      return "from its next run on";
    case "next start":
      return "from its next start on";
    default:
      return String(change.effect);
  }
}

/** Version 1: fields may be added; those of an answer are as on the wire (docs/reload.md). */
export function reloadJson(results: readonly ReloadResult[]): JsonObject {
  return {
    version: 1,
    command: "reload",
    ok: results.every(({ ok }) => ok),
    results: results.map(({ launcher, ok, error, reply }) => ({ ...reply, launcher: launcher.name, ok, error })),
  };
}

function id(entry: JsonObject): string {
  return String(entry.service_id);
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: Json | undefined): string[] {
  return list(value).map(String);
}

function objects(value: Json | undefined): JsonObject[] {
  return list(value)
    .map(object)
    .filter((item) => item !== undefined);
}
