// Whether streams are fit for what they are to store. An operator's settings win: only what loses reports is told.
import { covers, STREAM_LIMITS, subjectsOf } from "../broker/streams.ts";
import { formatDuration } from "../client/duration.ts";
import { object } from "../client/facts.ts";
import type { JsonObject } from "../common/json.ts";
import type { StreamKind } from "../messaging/snapshot.ts";
import { bytes } from "./bytes.ts";
import { error, type Finding, warning } from "./finding.ts";
import { numberOf, textOf } from "./json.ts";

/** What must at least be looked back at, seconds: less, and the fleet is seen wrongly. */
const LEAST_SECONDS: Record<StreamKind, number> = {
  // A declaration is said once, at the start of a launcher.
  registry: Number.POSITIVE_INFINITY,
  status: 86_400,
  // Beyond two minutes a service counts as dead.
  heartbeat: 600,
  log: 600,
};
const LEAST_BYTES = 2 ** 20;
/** A status with parts and metrics is a few kilobytes. */
const LEAST_MESSAGE_BYTES = 64 * 1024;
/** As this, a stream is full: the oldest go. */
const FULL = 0.9;

/**
 * What is wrong with the streams that store some of `subject`; empty when nothing is.
 * @param infos JetStream's descriptions (`STREAM.INFO`) of them, at least one
 */
export function judgeStreams(kind: StreamKind, subject: string, infos: readonly JsonObject[]): Finding[] {
  const names = infos.map(nameOf).join(" and ");
  if (!infos.some((info) => subjectsOf(info).some((own) => covers(own, subject)))) {
    const stored = infos.flatMap(subjectsOf).join(", ");
    return [
      error(
        `${names} ${infos.length === 1 ? "stores" : "store"} only a part of ${subject}: ${stored}`,
        `the rest is lost: nats stream edit ${nameOf(infos[0])} --subjects '${subject}'`,
      ),
    ];
  }
  return infos.flatMap((info) => judgeOne(kind, info));
}

function judgeOne(kind: StreamKind, info: JsonObject): Finding[] {
  const config = object(info.config) ?? {};
  const name = nameOf(info);
  const edit = `nats stream edit ${name}`;
  const findings: Finding[] = [];
  if (config.sealed === true) findings.push(error(`${name} is sealed: it takes no more messages`, remake(name)));
  const retention = textOf(config.retention);
  if (retention !== undefined && retention !== "limits") {
    const text = `${name} has retention "${retention}": what one reader has read is gone for the others`;
    findings.push(error(text, remake(name)));
  }
  if (config.no_ack === true) {
    const text = `${name} gives no acknowledgement: every report to it waits for one, and is sent again and again`;
    findings.push(error(text, `${edit} --ack`));
  }
  if (config.storage === "memory") {
    findings.push(warning(`${name} is kept in memory: it is gone when the broker restarts`, remake(name)));
  }
  if (config.discard === "new") {
    findings.push(warning(`${name} refuses new reports when it is full (discard: new)`, `${edit} --discard old`));
  }
  return [...findings, ...judgeSizes(kind, config, name, edit), ...judgeReach(kind, config, info, name, edit)];
}

function judgeSizes(kind: StreamKind, config: JsonObject, name: string, edit: string): Finding[] {
  const findings: Finding[] = [];
  const usual = STREAM_LIMITS[kind].maxBytes;
  const most = limitOf(config.max_bytes);
  if (most < LEAST_BYTES) {
    const text = `${name} has room for ${bytes(most)} only, usual are ${bytes(usual)}`;
    findings.push(warning(text, `${edit} --max-bytes ${usual}`));
  }
  const longest = limitOf(config.max_msg_size);
  if (longest < LEAST_MESSAGE_BYTES) {
    findings.push(warning(`${name} refuses messages of more than ${bytes(longest)}`, `${edit} --max-msg-size -1`));
  }
  return findings;
}

/** How far back it can be read. */
function judgeReach(kind: StreamKind, config: JsonObject, info: JsonObject, name: string, edit: string): Finding[] {
  const least = LEAST_SECONDS[kind];
  const age = limitOf(config.max_age) / 1e9;
  if (age < least) {
    const what = kind === "registry" ? "services that run longer are forgotten" : "what is older is not seen";
    const longer = kind === "registry" ? "0" : `${Math.max(1, Math.round(least / 3_600))}h`;
    return [warning(`${name} keeps messages for ${formatDuration(age)} only: ${what}`, `${edit} --max-age ${longer}`)];
  }
  const state = object(info.state) ?? {};
  const isFull =
    (numberOf(state.bytes) ?? 0) > limitOf(config.max_bytes) * FULL ||
    (numberOf(state.messages) ?? 0) >= limitOf(config.max_msgs);
  const span = (Date.parse(textOf(state.last_ts) ?? "") - Date.parse(textOf(state.first_ts) ?? "")) / 1_000;
  // The registry is bounded for each subject by itself; a day of it is plenty.
  if (!isFull || !(span < Math.min(least, 86_400))) return [];
  const text = `${name} is full and reaches back ${formatDuration(span)} only: older reports are pushed out`;
  return [
    warning(text, `${edit} --max-bytes ${Math.max(STREAM_LIMITS[kind].maxBytes, 2 * (numberOf(state.bytes) ?? 0))}`),
  ];
}

/** What cannot be changed in a stream that is there. */
function remake(name: string): string {
  return `nats stream rm ${name} (its history goes): launchers make it anew, and services say again how they are`;
}

/** 0 and -1 both mean that there is none. */
function limitOf(value: JsonObject[string]): number {
  const limit = numberOf(value) ?? 0;
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
}

function nameOf(info: JsonObject | undefined): string {
  return textOf(object(info?.config)?.name) ?? "a stream";
}
