// Home in the launcher's own event loop.
import type { HostModules } from "../../host/loader.ts";
import type { FromHost, ToHost } from "../../host/protocol.ts";
import type { ProcessContext, ServiceHost } from "../../host/service-host.ts";
import type { HostHandle, StartHost } from "./home.ts";

/** What inline services have of their launcher. */
export interface InlineContext extends Omit<ProcessContext, "tell" | "loader"> {
  modules: HostModules;
}

/** One host for all inline services of a launcher. */
export function inlineHome(context: InlineContext): StartHost {
  return ({ onMessage }): HostHandle => {
    // Told in a microtask, as over any other channel: a runner never hears an answer inside its own call.
    const opening = openHost(context, (message) => queueMicrotask(() => onMessage(message)));
    void opening.then(() => onMessage({ kind: "up", pid: process.pid }));
    return {
      pid: process.pid,
      killable: false,
      send: (message) => void opening.then((host) => obey(host, message)),
      end: () => void opening.then((host) => host.dispose()),
      kill: () => void opening.then((host) => host.dispose()),
      // It ends with the launcher.
      ended: new Promise(() => undefined),
    };
  };
}

/** Loaded when the first service needs it: a launcher without inline services does without zod and all that. */
async function openHost({ modules, ...context }: InlineContext, tell: (message: FromHost) => void) {
  const [{ ServiceHost }, { ServiceLoader }] = await Promise.all([
    import("../../host/service-host.ts"),
    import("../../host/loader.ts"),
  ]);
  return new ServiceHost({ ...context, loader: new ServiceLoader(modules), tell }, { shared: true });
}

function obey(host: ServiceHost, message: ToHost): void {
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
    case "configure":
      void host.configure(message);
      return;
    case "remark":
      host.remark(message);
      return;
    case "shutdown":
      void host.stopAll();
      return;
    case "heard":
    case "settings":
    case "describe":
    case "check":
      return;
    default:
      message satisfies never;
  }
}
