// Entry of a Worker that is a host. Flat on purpose: the compiled binary needs it as an entry point of its own.
import type { FromHost, ToHost } from "../host/protocol.ts";
import { serveHost } from "../host/serve.ts";
import { hostModules } from "./modules.ts";

declare const self: Worker;

serveHost(
  {
    send: (message: FromHost) => self.postMessage(message),
    onMessage: (listener) => {
      self.onmessage = (event: MessageEvent<ToHost>) => listener(event.data);
    },
  },
  hostModules,
  () => {
    // The launcher ends the thread: what was posted before is then sure to have arrived.
  },
);
