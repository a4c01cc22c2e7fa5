// Home in the launcher's own event loop.
import { type ProcessContext, ServiceHost } from "../../host/service-host.ts";
import type { HostHandle, StartHost } from "./home.ts";

/** One host for all inline services of a launcher; `context.tell` is replaced by the handle's listener. */
export function inlineHome(context: Omit<ProcessContext, "tell">): StartHost {
  return ({ onMessage }): HostHandle => {
    // Told in a microtask, as over any other channel: a runner never hears an answer inside its own call.
    const host = new ServiceHost(
      { ...context, tell: (message) => queueMicrotask(() => onMessage(message)) },
      { shared: true },
    );
    queueMicrotask(() => onMessage({ kind: "up", pid: process.pid }));
    return {
      pid: process.pid,
      killable: false,
      send(message) {
        switch (message.kind) {
          case "start":
            host.start(message.spec);
            return;
          case "stop":
            host.stop(message.id);
            return;
          case "rpc":
            void host.answer(message);
            return;
          case "shutdown":
            void host.stopAll();
            return;
          case "heard":
          case "settings":
          case "check":
            return;
          default:
            message satisfies never;
        }
      },
      end: () => host.dispose(),
      kill: () => host.dispose(),
      // It ends with the launcher.
      ended: new Promise(() => undefined),
    };
  };
}
