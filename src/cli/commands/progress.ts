// tcs progress: how far the tasks are that programs tell of.
import { BrokerUnreachableError, ExitCode, UsageError } from "../../common/errors.ts";
import { Logger } from "../../common/logger.ts";
import { filterFault } from "../../common/names.ts";
import type { NatsSettings } from "../../config/types.ts";
import { findStreamOf } from "../../messaging/find-stream.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { SharedLink } from "../../messaging/shared-link.ts";
import { NoStreamError } from "../../messenger/errors.ts";
import { Messenger } from "../../messenger/messenger.ts";
import { TASK } from "../../messenger/progress-task.ts";
import { fleetArgs } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { progressJson, renderProgress, type ShownTask } from "../display/progress.ts";
import { jsonText } from "../display/status-json.ts";
import { findBroker } from "../fleet-access.ts";
import { renderOptions, tell, write } from "../output.ts";
import { canDrawAgain, terminalSize } from "../own-terminal.ts";
import { ProgressBoard } from "../progress/board.ts";
import { readTime } from "../times.ts";
import { InPlace } from "../watch/in-place.ts";

const HOUR_MS = 3_600_000;
const CONNECT_LIMIT_MS = 2_000;
/** Pictures on a terminal, milliseconds apart. */
const PICTURE_MS = 250;

export default defineCommand({
  meta: { name: "progress", description: "Show how far tasks are, live; Ctrl-C ends it" },
  examples: [
    ["tcs progress", "all tasks, until Ctrl-C"],
    ["tcs progress svc.progress.camera --once", "as it is now"],
  ],
  args: {
    subject: { type: "positional", required: false, description: "Where it is told (svc.progress.>)" },
    once: { type: "boolean", description: "As it is now, and end" },
    since: {
      type: "string",
      description: "Tasks told of from then on: 10m, 1h30m, 2026-11-20 22:03 (1h)",
      valueHint: "TIME",
    },
    json: { type: "boolean", description: "One JSON object a line, for programs" },
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const now = Date.now();
    const since = readTime(args.since, "--since", now) ?? now - HOUR_MS;
    // Nothing is under way that would have to be ended in order.
    process.once("SIGINT", () => process.exit(130));
    void natsClient();
    const settings = await findBroker(args);
    const subject = args.subject ?? `${settings.subjectPrefix}.progress.>`;
    const fault = filterFault(subject);
    if (fault) throw new UsageError(`tcs progress: ${JSON.stringify(subject)} is no subject: ${fault}`);
    const messenger = messengerTo(settings);
    try {
      await messenger.connected(CONNECT_LIMIT_MS);
      const source = tasksOf(messenger, subject, new Date(since), args.once === true);
      return await (args.once ? showOnce(await source, args.json === true) : follow(await source, args.json === true));
    } finally {
      // Also when there is no broker: it would be looked for on and on.
      await messenger.close({ limitMs: 500 });
    }
  },
});

type Source = (take: (shown: ShownTask) => void) => Promise<void>;

function messengerTo(settings: NatsSettings): Messenger {
  const link = new SharedLink(settings, "tcs progress");
  const logger = new Logger("tcs", ({ message }) => tell(message), "warning");
  return new Messenger({
    name: "tcs progress",
    attach: (events) => link.attach(events),
    settings: () => settings,
    logger,
    buffer: {},
  });
}

/** From the stream that stores the subject, else live. @throws NoStreamError when only what is stored is wanted */
async function tasksOf(messenger: Messenger, subject: string, startTime: Date, once: boolean): Promise<Source> {
  const { connection } = messenger;
  if (!connection) throw new BrokerUnreachableError("the connection to the broker is lost");
  const onError = () => undefined;
  const stream = await findStreamOf(connection, subject);
  if (stream.ok) {
    const options = { deliverPolicy: "by_start_time", startTime, nowait: once, stopWhenDone: false, onError } as const;
    return async (take) => {
      for await (const { data, meta } of messenger.getProgressReader(subject, options)) {
        take({ subject: meta.nats.subject, task: data });
      }
    };
  }
  if (once) throw new NoStreamError(stream.message, { hint: "without --once it is shown live" });
  tell(`${stream.message}: what is told from now on is shown`);
  return async (take) => {
    messenger.getCoreSubscriber(subject, { schema: TASK, onError }, ({ data, meta }) =>
      take({ subject: meta.nats.subject, task: data }),
    );
    // Ctrl-C is the only end.
    await new Promise<never>(() => undefined);
  };
}

async function showOnce(source: Source, json: boolean): Promise<number> {
  const board = new ProgressBoard();
  await source((shown) => board.take(shown));
  const tasks = board.tasks();
  if (tasks.length === 0) tell("no task was told of");
  else if (json) write(tasks.map((shown) => jsonText(progressJson(shown, Date.now()), 0)));
  else write(renderProgress(tasks, renderOptions()));
  return ExitCode.ok;
}

async function follow(source: Source, json: boolean): Promise<number> {
  if (json || !canDrawAgain(process.env, process.stdout.isTTY === true)) {
    await source((shown) =>
      write(json ? [jsonText(progressJson(shown, Date.now()), 0)] : renderProgress([shown], renderOptions())),
    );
    return ExitCode.ok;
  }
  const board = new ProgressBoard();
  const place = new InPlace((text) => void process.stdout.write(text));
  const draw = () => {
    const size = terminalSize();
    const tasks = board.tasks(size.rows - 1);
    const options = { ...renderOptions(), width: size.columns };
    place.show(tasks.length === 0 ? ["no task was told of yet"] : renderProgress(tasks, options), size);
  };
  setInterval(draw, PICTURE_MS);
  draw();
  await source((shown) => board.take(shown));
  return ExitCode.ok;
}
