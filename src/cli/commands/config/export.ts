// tcs config export: everything that is set, as a document that tcs config apply takes.
import { defineCommand } from "citty";
import { ExitCode } from "../../../common/errors.ts";
import { documentOf, scopeWords } from "../../../settings/index.ts";
import { jsonText } from "../../display/status-json.ts";
import { write } from "../../output.ts";
import { settingsArgs, withSettings } from "../../settings/access.ts";

export default defineCommand({
  meta: { name: "export", description: "Write everything that is set as a document, for tcs config apply" },
  args: { ...settingsArgs },
  async run({ args }): Promise<number> {
    return await withSettings(args, "export", async (settings) => {
      const all = (await settings.store.readAll())
        .filter(({ fields }) => Object.keys(fields).length > 0)
        .toSorted((a, b) => scopeWords(a.scope).localeCompare(scopeWords(b.scope)));
      const masked = new Map(
        await Promise.all(
          all.map(async (setting) => [setting, (await settings.judge(setting.scope)).masked(setting.fields)] as const),
        ),
      );
      const document = documentOf(all, (setting) => masked.get(setting) ?? {});
      if (args.json) write([jsonText(document)]);
      else if (all.length === 0) write([`# nothing is set in ${settings.store.name}`]);
      else write([(await import("yaml")).stringify(document).trimEnd()]);
      return ExitCode.ok;
    });
  },
});
