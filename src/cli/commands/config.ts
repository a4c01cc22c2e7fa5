// tcs config: what the configuration says, why, and whether it is right. Each subcommand is loaded when it is called.
import { lazy } from "../command-group.ts";
import { defineCommand } from "../define-command.ts";

export default defineCommand({
  meta: { name: "config", description: "Look into the configuration: check it, explain it, change it" },
  examples: [
    ["tcs config check config/examples.yaml", "is it all right"],
    ["tcs config explain hello_world", "who set what"],
    ["tcs config set hello_world interval=2", "for the fleet, at once"],
  ],
  subCommands: {
    check: lazy(() => import("./config/check.ts")),
    explain: lazy(() => import("./config/explain.ts")),
    init: lazy(() => import("./config/init.ts")),
    schema: lazy(() => import("./config/schema.ts")),
    get: lazy(() => import("./config/get.ts")),
    set: lazy(() => import("./config/set.ts")),
    unset: lazy(() => import("./config/unset.ts")),
    list: lazy(() => import("./config/list.ts")),
    history: lazy(() => import("./config/history.ts")),
    rollback: lazy(() => import("./config/rollback.ts")),
    diff: lazy(() => import("./config/diff.ts")),
    apply: lazy(() => import("./config/apply.ts")),
    export: lazy(() => import("./config/export.ts")),
  },
});
