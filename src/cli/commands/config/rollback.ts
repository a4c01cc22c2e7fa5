// tcs config rollback: brings earlier values back, as a revision of their own.
import { NotFoundError } from "../../../common/errors.ts";
import { scopeWords } from "../../../settings/index.ts";
import { defineCommand } from "../../define-command.ts";
import { parseCount } from "../../numbers.ts";
import { withSettings } from "../../settings/access.ts";
import { forceArg, globalArg, nameAndWord, settingsArgs } from "../../settings/command-line.ts";
import { storeAndTell } from "../../settings/store-and-tell.ts";

export default defineCommand({
  meta: { name: "rollback", description: "Bring earlier values back: those before the last change, or of a revision" },
  examples: [
    ["tcs config rollback hello_world.main", "before the last change"],
    ["tcs config rollback hello_world.main 12", "as it was at revision 12"],
  ],
  args: {
    service: {
      type: "positional",
      required: false,
      description: "Id or type of the service; then the revision, if not the one before the last",
      valueHint: "...",
    },
    ...globalArg,
    ...forceArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    const [name, number] = nameAndWord(args, "rollback");
    const wanted = parseCount(number, "the revision", Number.MAX_SAFE_INTEGER);
    return await withSettings(args, "rollback", async (settings) => {
      const scope = await settings.scope(name, args.global);
      const [revisions, before] = await Promise.all([settings.store.history(scope), settings.store.read(scope)]);
      const earlier = revisions.filter(({ revision }) => revision < before.revision);
      const meant = wanted === undefined ? earlier.at(-1) : revisions.find(({ revision }) => revision === wanted);
      if (!meant && wanted !== undefined) {
        const known = revisions.map(({ revision }) => revision).join(", ");
        throw new NotFoundError(`${scopeWords(scope)} has no revision ${wanted}`, {
          hint: known === "" ? "nothing was ever set for it" : `there are ${known}`,
        });
      }
      // Before the first change nothing was set.
      const isFirst = !meant && before.revision > 0;
      if (!meant && !isFirst) throw await settings.nothing(scope, "was ever set");
      if (meant?.fault !== undefined)
        throw new NotFoundError(`revision ${meant.revision} cannot be read: ${meant.fault}`);
      const fields = meant?.fields ?? {};
      const judge = await settings.judge(scope);
      await settings.check(scope, fields, { force: args.force, kept: judge.secretsIn(fields) });
      const { json } = args;
      return await storeAndTell(settings, before, fields, { json, ...(meant ? { restored: meant.revision } : {}) });
    });
  },
});
