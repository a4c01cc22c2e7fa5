// tcs systemd: the units of a configuration. Each subcommand is loaded when it is called.
import { lazy } from "../command-group.ts";
import { defineCommand } from "../define-command.ts";

export default defineCommand({
  meta: { name: "systemd", description: "Run a configuration under systemd: its units" },
  examples: [
    ["tcs systemd show services.yaml", "the units, only printed"],
    ["sudo tcs systemd install services.yaml --enable", "start it with the machine"],
    ["tcs systemd status", "what is installed"],
  ],
  subCommands: {
    install: lazy(() => import("./systemd/install.ts")),
    uninstall: lazy(() => import("./systemd/uninstall.ts")),
    status: lazy(() => import("./systemd/status.ts")),
    show: lazy(() => import("./systemd/show.ts")),
  },
});
