// tcs logs: what services have logged, from the broker or from the files of this host.
import { BrokerUnreachableError, ExitCode, NotFoundError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { isWanted } from "../../logs/filter.ts";
import { findLocalLogs } from "../../logs/local.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { fleetArgs } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { wantsColor } from "../display/colors.ts";
import { LogOutput } from "../display/log-output.ts";
import { type BrokerFlags, findBroker } from "../fleet-access.ts";
import { localSource } from "../logs/local-source.ts";
import { type LogQuery, readQuery } from "../logs/query.ts";
import type { LogSource } from "../logs/source.ts";
import { NoLogStreamError, streamSource } from "../logs/stream-source.ts";
import { isMeant, isSelected } from "../meant.ts";
import { tell } from "../output.ts";

export default defineCommand({
  meta: { name: "logs", description: "Show what services have logged" },
  examples: [
    ["tcs logs", "the last 100 lines of the fleet"],
    ["tcs logs hello_world --since 10m --follow", "of one, and go on"],
    ["tcs logs 'examples.*' --level warning", "only what is wrong"],
  ],
  args: {
    service: {
      type: "positional",
      required: false,
      description: 'Ids, types, variants or patterns (dome.*); "tcs" for launchers; default: all',
      valueHint: "...",
    },
    follow: { type: "boolean", alias: "f", description: "Go on with what is logged from now on, until Ctrl-C" },
    since: { type: "string", description: "Only from then on: 10m, 1h30m, 2026-11-20 22:03", valueHint: "TIME" },
    until: { type: "string", description: "Only up to then", valueHint: "TIME" },
    level: { type: "string", description: "Only this level and worse", valueHint: "LEVEL" },
    lines: { type: "string", alias: "n", description: "How many, the last (100; with --since all)", valueHint: "N" },
    json: { type: "boolean", description: "One JSON object a line, for programs" },
    local: { type: "boolean", description: "Read the log files of this host, ask no broker" },
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const query = readQuery(args, Date.now());
    // Nothing is under way that would have to be ended in order.
    process.once("SIGINT", () => process.exit(130));
    const source = args.local ? localSource() : await openSource(args, args.follow === true);
    try {
      return await show(source, args, query);
    } finally {
      source.close();
    }
  },
});

interface ShowArgs {
  _: string[];
  follow?: boolean | undefined;
  json?: boolean | undefined;
}

async function show(source: LogSource, args: ShowArgs, query: LogQuery): Promise<number> {
  const words = args._;
  const selected = source.ids.filter((id) => isSelected(id, words));
  const silent = await checkWords(words, source);
  const all = words.length === 0 ? undefined : selected;
  const output = new LogOutput({
    json: args.json === true,
    colour: wantsColor(process.env, process.stdout.isTTY === true),
    nameLaunchers: selected.filter((id) => id.startsWith("launcher.")).length > 1,
  });
  const lines = await source.read(all, query.filter, query.count);
  await output.write(lines);
  if (lines.length >= query.count && !query.isCountGiven)
    tell(`these are the last ${query.count} lines; --lines says how many`);
  if (args.follow) {
    // Ctrl-C is the only end.
    await source.follow(
      (id) => isSelected(id, words),
      (more) => output.push(more.filter(({ record }) => isWanted(record, query.filter))),
      new AbortController().signal,
    );
  } else if (lines.length === 0 && query.count > 0) {
    const whose = silent.length > 0 ? `${silent.join(", ")} ` : "";
    tell(`no lines: ${whose}${selected.length > 0 ? "logged nothing that fits" : "logged nothing yet"}`);
  }
  return ExitCode.ok;
}

/** The broker's stream; if there is none, the files of this host, if there are any. */
async function openSource(flags: BrokerFlags, follow: boolean): Promise<LogSource> {
  // Loaded while the configuration is read: it is the largest part of the start.
  void natsClient();
  try {
    return await streamSource(await findBroker(flags), follow);
  } catch (error) {
    const isAway = error instanceof BrokerUnreachableError || error instanceof NoLogStreamError;
    if (!isAway || findLocalLogs().length === 0) throw error;
    tell(`${error.message}; these are the log files of this host`);
    return localSource();
  }
}

/** @returns the words that mean services which have logged nothing @throws NotFoundError when one means nothing at all */
async function checkWords(words: readonly string[], source: LogSource): Promise<string[]> {
  const silent = words.filter((word) => !source.ids.some((id) => isMeant(id, word)));
  if (silent.length === 0) return [];
  const others = await source.otherIds();
  for (const word of silent) {
    if (others.some((id) => isMeant(id, word))) continue;
    const near = nearest(word, [...source.ids, ...others]);
    throw new NotFoundError(`no service "${word}" has logged anything, nor is it known`, {
      hint: near === undefined ? '"tcs status --all" lists all that are known' : `did you mean "${near}"?`,
    });
  }
  return silent;
}
