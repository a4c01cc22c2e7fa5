// tcs config history: who set what, when.
import { ExitCode } from "../../../common/errors.ts";
import { difference } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { write } from "../../output.ts";
import { withSettings } from "../../settings/access.ts";
import { globalArg, settingsArgs } from "../../settings/command-line.ts";
import { changeJson, changeWords, settingJson, whoWords } from "../../settings/words.ts";

export default defineCommand({
  meta: { name: "history", description: "Tell who set what, when: the last 64 revisions" },
  examples: [
    ["tcs config history hello_world.main"],
    ["tcs config history --global", "of what counts for all services"],
  ],
  args: {
    service: { type: "positional", required: false, description: "Id or type of the service" },
    ...globalArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    return await withSettings(args, "history", async (settings) => {
      const scope = await settings.scope(args.service, args.global);
      const [revisions, judge] = await Promise.all([settings.store.history(scope), settings.judge(scope)]);
      if (revisions.length === 0) throw await settings.nothing(scope, "was ever set");
      const steps = revisions.map((setting, at) => ({
        setting,
        changes: difference(revisions[at - 1]?.fields ?? {}, setting.fields),
      }));
      if (args.json) {
        const rows = steps.map(({ setting, changes }) => ({
          ...settingJson(setting, judge.masked(setting.fields)),
          changes: changes.map((one) => changeJson(one, judge)),
        }));
        write([jsonText({ version: 1, revisions: rows })]);
        return ExitCode.ok;
      }
      const now = Date.now();
      write(
        steps
          .toReversed()
          .flatMap(({ setting, changes }) => [
            `revision ${setting.revision} ${whoWords(setting, now)}`,
            ...(setting.fault === undefined ? [] : [`  it cannot be read: ${setting.fault}`]),
            ...changes.map((one) => `  ${changeWords(one, judge)}`),
          ]),
      );
      return ExitCode.ok;
    });
  },
});
