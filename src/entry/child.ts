// Entry of a child process that is a host: `tcs` started by a launcher with an IPC channel.
import type { FromHost, ToHost } from "../host/protocol.ts";
import { serveHost } from "../host/serve.ts";
import { hostModules } from "./modules.ts";

export function runChildHost(): void {
  const send = process.send?.bind(process);
  if (!send) {
    process.stderr.write("tcs: this command is for launchers only (it needs their channel)\n");
    process.exit(2);
  }
  const host = serveHost(
    {
      // A launcher that has died is told apart by "disconnect"; what can no longer be sent is lost with it.
      send: (message: FromHost) => {
        if (process.connected) send(message);
      },
      onMessage: (listener) => process.on("message", (message) => listener(message as ToHost)),
    },
    hostModules,
    () => process.exit(0),
  );
  process.on("disconnect", () => void host.shutdown());
  process.on("SIGTERM", () => void host.shutdown());
  process.on("SIGINT", () => void host.shutdown());
}
