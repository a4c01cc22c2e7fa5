// tcs config: what the configuration says, why, and whether it is right. Each subcommand is loaded when it is called.
import { defineCommand } from "citty";
import { lazy } from "../command-group.ts";

export default defineCommand({
  meta: { name: "config", description: "Look into the configuration: check it, explain it, change it" },
  subCommands: {
    check: lazy(() => import("./config/check.ts")),
    explain: lazy(() => import("./config/explain.ts")),
    init: lazy(() => import("./config/init.ts")),
    schema: lazy(() => import("./config/schema.ts")),
  },
});
