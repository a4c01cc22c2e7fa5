// tcs systemd: the units of a configuration. Each subcommand is loaded when it is called.
import { defineCommand } from "citty";
import { lazy } from "../command-group.ts";

export default defineCommand({
  meta: { name: "systemd", description: "Run a configuration under systemd: its units" },
  subCommands: {
    install: lazy(() => import("./systemd/install.ts")),
    uninstall: lazy(() => import("./systemd/uninstall.ts")),
    status: lazy(() => import("./systemd/status.ts")),
    show: lazy(() => import("./systemd/show.ts")),
  },
});
