// tcs config get: what is set for one service, type, or for all.
import { ExitCode } from "../../../common/errors.ts";
import { isJsonObject } from "../../../common/json.ts";
import { MASK } from "../../../common/secret-words.ts";
import { stepsOf, valueAt } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { tell, write } from "../../output.ts";
import { notSet, withSettings } from "../../settings/access.ts";
import { globalArg, nameAndWord, settingsArgs } from "../../settings/command-line.ts";
import { unfitLines } from "../../settings/of-no-use.ts";
import { fieldLines, settingJson, whoWords } from "../../settings/words.ts";

export default defineCommand({
  meta: { name: "get", description: "Show what is set on the broker for a service, a type or all services" },
  examples: [["tcs config get hello_world.main"], ["tcs config get hello_world.main interval", "one field"]],
  args: {
    service: {
      type: "positional",
      required: false,
      description: "Id or type of the service; then one field, if only that is meant",
      valueHint: "...",
    },
    ...globalArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    const [name, path] = nameAndWord(args, "get");
    return await withSettings(args, "get", async (settings) => {
      const scope = await settings.scope(name, args.global);
      const [setting, judge] = await Promise.all([settings.store.read(scope), settings.judge(scope)]);
      if (setting.fault !== undefined) tell(`revision ${setting.revision} cannot be read: ${setting.fault}`);
      for (const line of unfitLines(setting, judge)) tell(line);
      if (path !== undefined) {
        const value = valueAt(setting.fields, stepsOf(path));
        if (value === undefined) throw notSet(path, setting);
        const isSecret = judge.isSecret(path, isJsonObject(value) ? undefined : value);
        const shown = isSecret ? MASK : isJsonObject(value) ? judge.masked(value, path) : value;
        write([typeof shown === "string" && !args.json ? shown : JSON.stringify(shown)]);
        return ExitCode.ok;
      }
      if (args.json) write([jsonText({ version: 1, ...settingJson(setting, judge.masked(setting.fields)) })]);
      else {
        const lines = fieldLines(setting.fields, judge);
        if (lines.length > 0) write(lines);
        if (setting.revision > 0) tell(`revision ${setting.revision} ${whoWords(setting, Date.now())}`);
      }
      const isEmpty = Object.keys(setting.fields).length === 0;
      if (isEmpty && !args.json) throw await settings.nothing(scope);
      return ExitCode.ok;
    });
  },
});
