// Does one service run twice? Told by its heartbeats, and by who sent its reports.
import { countOf } from "../../common/plural.ts";
import { readLastPerSubject } from "../../messaging/snapshot.ts";
import type { BrokerContext } from "../check.ts";
import { type Double, findDoubles } from "../double-beats.ts";
import { error, type Finding, ok } from "../finding.ts";
import type { FleetLook } from "../fleet-look.ts";
import { recentMessages } from "../history.ts";
import { numberOf, textOf } from "../json.ts";

/** Whoever speaks under a sender's name. */
interface Speaker {
  host: string | undefined;
  pid: number | undefined;
  /** Monitor name of the launcher, when it is one. */
  launcher?: string | undefined;
}

/** How far back it is looked who has spoken for a doubled service, milliseconds. */
const WINDOW_MS = 7 * 86_400_000;
/** More are not told one by one. */
const MOST_TOLD = 5;

export async function checkDuplicates({ look }: BrokerContext): Promise<Finding[]> {
  const beats = await look.beats();
  const doubles = findDoubles(beats, look.prefix);
  if (doubles.length === 0) {
    const heard = new Set(beats.map(({ subject }) => subject)).size;
    return [ok(heard === 0 ? "none: nothing beats" : `none: ${heard} heard in the last minute, each from one process`)];
  }
  const launchers = await launcherSpeakers(look);
  const told = doubles.slice(0, MOST_TOLD);
  const findings = await Promise.all(
    told.map(async (double) => describe(double, launchers, await speakersOf(look, double))),
  );
  const more = doubles.length - told.length;
  if (more > 0) findings.push(error(`${countOf(more, "more id")} beat from two processes`, "mend those above first"));
  return findings;
}

function describe(
  { id, senders }: Double,
  launchers: ReadonlyMap<string, Speaker>,
  speakers: ReadonlyMap<string, Speaker>,
): Finding {
  const whose = senders.map((sender) => {
    const { host, pid, launcher } = launchers.get(sender) ??
      speakers.get(sender) ?? { host: undefined, pid: undefined };
    const process = pid === undefined ? `sender ${sender}` : `pid ${pid}`;
    return {
      launcher,
      text: `${process} on ${host ?? "an unknown host"}${launcher === undefined ? "" : " (a launcher)"}`,
    };
  });
  const strangers = whose.filter(({ launcher }) => launcher === undefined);
  const [stranger] = strangers;
  return error(
    `${id} runs ${countOf(senders.length, "time")}: ${whose.map(({ text }) => text).join(" and ")}`,
    stranger && strangers.length < whose.length
      ? `end the one that no launcher runs: ${stranger.text}`
      : `end one of them; tcs why ${id} tells which launcher has it`,
  );
}

/** The senders of launchers: those of the services that they run, too. */
async function launcherSpeakers(look: FleetLook): Promise<Map<string, Speaker>> {
  const status = `${look.prefix}.status.`;
  const snapshot = await readLastPerSubject(look.connection, `${status}>`);
  const launchers = snapshot.ok
    ? snapshot.messages.filter(({ subject }) => subject.startsWith(`${status}launcher.`))
    : [];
  return new Map(
    launchers.map(({ subject, data = {}, meta }) => [
      meta.sender,
      { host: textOf(data.hostname), pid: numberOf(data.pid), launcher: subject.slice(status.length) },
    ]),
  );
}

/** Who has reported for one service. */
async function speakersOf(look: FleetLook, { id }: Double): Promise<Map<string, Speaker>> {
  const reports = await recentMessages(look.connection, look.prefix, "status", WINDOW_MS, id);
  return new Map(
    reports.map(({ data, meta }) => [meta.sender, { host: textOf(data.hostname), pid: numberOf(data.pid) }]),
  );
}
