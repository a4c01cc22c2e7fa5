// tcs config export: everything that is set, as a document that tcs config apply takes.
import { ExitCode } from "../../../common/errors.ts";
import { countOf } from "../../../common/plural.ts";
import { documentOf, scopeWords } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { tell, write } from "../../output.ts";
import { withSettings } from "../../settings/access.ts";
import { settingsArgs } from "../../settings/command-line.ts";

export default defineCommand({
  meta: { name: "export", description: "Write everything that is set as a document, for tcs config apply" },
  examples: [
    ["tcs config export > values.yaml", "secrets as ***"],
    ["tcs config export --host nats.oca.lan | tcs config apply -"],
  ],
  args: { secrets: { type: "boolean", description: "With secrets in clear, instead of ***" }, ...settingsArgs },
  async run({ args }): Promise<number> {
    return await withSettings(args, "export", async (settings) => {
      const all = (await settings.store.readAll())
        .filter(({ fields }) => Object.keys(fields).length > 0)
        .toSorted((a, b) => scopeWords(a.scope).localeCompare(scopeWords(b.scope)));
      const judged = await Promise.all(
        all.map(async (setting) => [setting, await settings.judge(setting.scope)] as const),
      );
      const judges = new Map(judged);
      const document = documentOf(all, (setting) =>
        args.secrets ? setting.fields : (judges.get(setting)?.masked(setting.fields) ?? {}),
      );
      if (args.json) write([jsonText(document)]);
      else if (all.length === 0) write([`# nothing is set in ${settings.store.name}`]);
      else {
        const { yaml } = await import("../../../config/yaml-package.ts");
        write([yaml.stringify(document).trimEnd()]);
      }
      const hidden = judged.flatMap(([{ fields }, judge]) => judge.secretsIn(fields)).length;
      if (hidden > 0 && !args.secrets)
        tell(`${countOf(hidden, "secret")} hidden: apply leaves what is there; --secrets shows them`);
      return ExitCode.ok;
    });
  },
});
