// tcs config list: everything that is set on the broker.
import { ExitCode } from "../../../common/errors.ts";
import { MASK } from "../../../common/secret-words.ts";
import { flatten, scopeWords } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { shortAge } from "../../display/age.ts";
import { inColumns } from "../../display/columns.ts";
import { jsonText } from "../../display/status-json.ts";
import { clean } from "../../display/width.ts";
import { tell, write } from "../../output.ts";
import { withSettings } from "../../settings/access.ts";
import { settingsArgs } from "../../settings/command-line.ts";
import { strangerLines, unfitLines } from "../../settings/of-no-use.ts";
import { settingJson, valueWords } from "../../settings/words.ts";

const HEADINGS = ["SERVICE", "FIELD", "VALUE", "REVISION", "BY", "AGE"];
/** Not cut to the terminal: who set what stands at the end. */
const WHOLE = { width: Number.POSITIVE_INFINITY, unicode: true };

export default defineCommand({
  meta: { name: "list", description: "Show everything that is set on the broker" },
  examples: [["tcs config list"], ["tcs config list --json", "for programs"]],
  args: { ...settingsArgs },
  async run({ args }): Promise<number> {
    return await withSettings(args, "list", async (settings) => {
      const [all, services] = await Promise.all([settings.store.readAll(), settings.services()]);
      const shown = all.filter(({ fields, fault }) => fault !== undefined || Object.keys(fields).length > 0);
      const judged = await Promise.all(
        shown
          .toSorted((a, b) => scopeWords(a.scope).localeCompare(scopeWords(b.scope)))
          .map(async (setting) => ({ setting, judge: await settings.judge(setting.scope) })),
      );
      for (const { setting } of judged) {
        if (setting.fault === undefined) continue;
        tell(`${scopeWords(setting.scope)} revision ${setting.revision} cannot be read: ${setting.fault}`);
      }
      if (args.json) {
        const rows = judged.map(({ setting, judge }) => {
          const faults = unfitLines(setting, judge);
          return { ...settingJson(setting, judge.masked(setting.fields)), ...(faults.length > 0 ? { faults } : {}) };
        });
        write([jsonText({ version: 1, bucket: settings.store.name, settings: rows })]);
        return ExitCode.ok;
      }
      const rows = judged.flatMap(({ setting, judge }) =>
        [...flatten(setting.fields)].map(([path, value]) => [
          clean(scopeWords(setting.scope)),
          clean(path),
          judge.isSecret(path, value) ? MASK : valueWords(value),
          String(setting.revision),
          clean(setting.by ?? "?"),
          shortAge((Date.now() - setting.time) / 1000),
        ]),
      );
      if (rows.length === 0) tell(`nothing is set in ${settings.store.name}`);
      else write(inColumns([HEADINGS, ...rows], WHOLE));
      const scopes = judged.map(({ setting }) => setting.scope);
      const unused = judged.flatMap(({ setting, judge }) => unfitLines(setting, judge));
      for (const line of [...unused, ...strangerLines(scopes, services)]) tell(line);
      return ExitCode.ok;
    });
  },
});
