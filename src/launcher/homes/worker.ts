// Home in a Worker thread of the launcher's process.
import { describeError } from "../../common/errors.ts";
import type { Env } from "../../config/expand.ts";
import type { FromHost, ToHost } from "../../host/protocol.ts";
import type { HostEnd, HostHandle, HostOptions, StartHost } from "./home.ts";

/** @param entry URL of the Worker entry (`src/entry/worker.ts`) */
export function workerHome(entry: string): StartHost {
  return (options) => startWorker(entry, options);
}

function startWorker(entry: string, { name, settings, env, onMessage }: HostOptions): HostHandle {
  const { promise: ended, resolve } = Promise.withResolvers<HostEnd>();
  let uncaught: string | undefined;
  const worker = new Worker(entry, { name, ...(env ? { env: definedIn(env) } : {}) });
  worker.onmessage = (event: MessageEvent<FromHost>) => onMessage(event.data);
  worker.onerror = (event) => {
    // Bun closes such a worker with code 0: the error is what tells that it crashed.
    uncaught = describeError(event.message);
    event.preventDefault();
  };
  worker.addEventListener("close", (event) => {
    const code = "code" in event && typeof event.code === "number" ? event.code : 0;
    resolve(uncaught === undefined ? { code } : { code: code === 0 ? 1 : code, error: uncaught });
  });
  const send = (message: ToHost) => worker.postMessage(message);
  send({ kind: "settings", settings });
  return {
    pid: process.pid,
    killable: true,
    send,
    // What it had to say came over the port before the end of its last service.
    end: () => worker.terminate(),
    kill: () => worker.terminate(),
    ended,
  };
}

/** In a Worker, a variable that is there without a value would be the text "undefined". */
function definedIn(env: Env): Record<string, string> {
  const entries = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(entries);
}
