// tcs config unset: takes values back, so that those of the file count again.
import { UsageError } from "../../../common/errors.ts";
import type { JsonObject } from "../../../common/json.ts";
import { stepsOf, valueAt, withValue } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { notSet, withSettings } from "../../settings/access.ts";
import { globalArg, settingsArgs } from "../../settings/command-line.ts";
import { storeAndTell } from "../../settings/store-and-tell.ts";

export default defineCommand({
  meta: { name: "unset", description: "Take values back that were set, so that those of the file count again" },
  examples: [
    ["tcs config unset hello_world interval", "one value"],
    ["tcs config unset --global --all", "all that is set for all services"],
  ],
  args: {
    service: {
      type: "positional",
      required: false,
      description: "Id or type of the service, then the fields, as interval or limits.max",
      valueHint: "...",
    },
    all: { type: "boolean", description: "All values that were set for it" },
    ...globalArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    const name = args.global ? undefined : args._[0];
    const paths = args.global ? args._ : args._.slice(1);
    if ((args.all ?? false) === paths.length > 0) {
      throw new UsageError("tcs config unset: which values?", { hint: "name the fields, or say --all" });
    }
    return await withSettings(args, "unset", async (settings) => {
      const scope = await settings.scope(name, args.global);
      const before = await settings.store.read(scope);
      if (Object.keys(before.fields).length === 0 && before.fault === undefined) throw await settings.nothing(scope);
      for (const path of paths) {
        if (valueAt(before.fields, stepsOf(path)) === undefined) throw notSet(path, before);
      }
      const none: JsonObject = {};
      const after = args.all
        ? none
        : paths.reduce((fields, path) => withValue(fields, stepsOf(path), undefined), before.fields);
      return await storeAndTell(settings, before, after, args);
    });
  },
});
