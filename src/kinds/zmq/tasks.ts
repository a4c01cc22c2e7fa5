// Tasks over ZeroMQ: PUSH and PULL, one frame of JSON. Nothing is acknowledged: a task begun by who then dies is lost.
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { countOf } from "../../common/plural.ts";
import { ZmtpError } from "../../zmtp/errors.ts";
import { decodeTask, encodeTask, type JsonMessage } from "../../zmtp/experimance.ts";
import { Pull } from "../../zmtp/pull.ts";
import { Push } from "../../zmtp/push.ts";
import { notTakenBeforeStop, TaskNotTakenError } from "../errors.ts";
import type { Puller, PullerOptions, Pusher, PusherOptions } from "../transport.ts";
import { nextOf, place, tellEvents } from "./sockets.ts";

/** Tasks that may wait for each worker, as is usual with ZeroMQ. Many for one worker are not there for another. */
const MOST_WAITING = 1_000;

export async function openPusher(options: PusherOptions, logger: Logger): Promise<Pusher> {
  const { addresses, side, timeoutMs, queue, lost } = options;
  const socket = new Push({
    highWaterMark: Math.min(queue.limit, MOST_WAITING),
    onEvent: tellEvents(logger),
    ...(timeoutMs === undefined ? {} : { sendTimeoutMs: timeoutMs }),
  });
  const placed = await place(socket, addresses, side);
  const waiting = new Set<Promise<void>>();
  return {
    addresses: placed.addresses,
    get waiting() {
      return waiting.size;
    },
    async push(task, { until } = {}) {
      const sent = socket.sendOr(until, [encodeTask(task)]);
      waiting.add(sent);
      try {
        await sent;
      } catch (cause) {
        if (until?.aborted && cause === until.reason) throw notTakenBeforeStop(placed.addresses.join(", "));
        if (!(cause instanceof ZmtpError)) throw cause;
        throw new TaskNotTakenError(`the task was not taken: ${cause.message}`, { cause });
      } finally {
        waiting.delete(sent);
      }
    },
    async close(limitMs) {
      await settlesIn(limitMs, Promise.allSettled(waiting));
      await socket.close();
      const { unsent } = socket;
      if (unsent > 0) lost(`${countOf(unsent, "task")} that had been taken did not leave before the stop`, unsent);
    },
  };
}

export async function openPuller(options: PullerOptions, logger: Logger): Promise<Puller> {
  const { addresses, side, concurrency, lost } = options;
  // No more is taken than is worked on, and the like of it: the rest waits at who pushes, for whoever is free.
  const socket = new Pull({ highWaterMark: concurrency, onEvent: tellEvents(logger) });
  const placed = await place(socket, addresses, side);
  const leaving = new AbortController();
  const end = new AbortController();
  let active = 0;
  const next = () => nextOf(socket, leaving.signal);
  const worker = async (): Promise<void> => {
    for (let message = await next(); message && !end.signal.aborted; message = await next()) {
      active += 1;
      const [frame = Buffer.alloc(0)] = message;
      await workOn(frame, options, end.signal).catch((error: unknown) => lost(describeError(error)));
      active -= 1;
    }
  };
  const workers = Promise.all(Array.from({ length: concurrency }, worker));
  return {
    addresses: placed.addresses,
    get active() {
      return active;
    },
    async close(limitMs) {
      placed.leave();
      leaving.abort();
      if (!(await settlesIn(limitMs, workers))) {
        end.abort();
        const left = active + drain(socket);
        lost(`${countOf(left, "task")} could not be finished before the stop`, left);
      }
      await socket.close();
    },
  };
}

function drain(socket: Pull): number {
  let count = 0;
  while (socket.tryReceive()) count += 1;
  return count;
}

async function workOn(frame: Buffer, { take, dead, lost }: PullerOptions, signal: AbortSignal): Promise<void> {
  let task: JsonMessage;
  try {
    task = decodeTask(frame);
  } catch (error) {
    lost(describeError(error));
    return;
  }
  try {
    await take({ task, attempt: 1, key: undefined, signal });
  } catch (error) {
    await dead(task, describeError(error), 1, undefined);
  }
}
