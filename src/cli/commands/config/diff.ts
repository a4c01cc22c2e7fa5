// tcs config diff: what a document would change, or what was changed since a revision.
import { existsSync } from "node:fs";
import { ExitCode, NotFoundError, UsageError } from "../../../common/errors.ts";
import type { Scope } from "../../../config/overlay.ts";
import { difference, type FieldDifference, scopeWords } from "../../../settings/index.ts";
import type { Judge } from "../../../settings/judge.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { parseCount } from "../../numbers.ts";
import { tell, write } from "../../output.ts";
import { type Settings, withSettings } from "../../settings/access.ts";
import { globalArg, nameAndWord, settingsArgs } from "../../settings/command-line.ts";
import { planDocument, STANDARD_INPUT } from "../../settings/plan.ts";
import { changeJson, changeWords, scopeJson } from "../../settings/words.ts";

interface Differing {
  scope: Scope;
  changes: readonly FieldDifference[];
  judge: Judge;
}

export default defineCommand({
  meta: { name: "diff", description: "Show what a document would change, or what was changed since a revision" },
  examples: [
    ["tcs config diff hello_world.main", "what the last change changed"],
    ["tcs config diff values.yaml", "what a document would change"],
  ],
  args: {
    service: {
      type: "positional",
      required: false,
      description: "A document, as tcs config export writes; or id or type of a service, and a revision",
      valueHint: "...",
    },
    ...globalArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    const [word, number] = nameAndWord(args, "diff");
    if (word === undefined && !args.global) throw new UsageError("tcs config diff: which document, or which service?");
    const isDocument = word !== undefined && mayBeDocument(word);
    if (isDocument && number !== undefined)
      throw new UsageError(`tcs config diff: given both a document, ${word}, and "${number}": expected one document`);
    const revision = parseCount(number, "the revision", Number.MAX_SAFE_INTEGER);
    return await withSettings(args, "diff", async (settings) => {
      const found: Differing[] = isDocument
        ? (await planDocument(settings, word)).map(({ before, ...one }) => ({ ...one, scope: before.scope }))
        : [await sinceRevision(settings, word, args.global, revision)];
      const differing = found.filter(({ changes }) => changes.length > 0);
      if (args.json) {
        const rows = differing.map(({ scope, changes, judge }) => ({
          ...scopeJson(scope),
          changes: changes.map((one) => changeJson(one, judge)),
        }));
        write([jsonText({ version: 1, differing: rows })]);
      } else if (differing.length === 0) tell("no difference");
      else {
        write(
          differing.flatMap(({ scope, changes, judge }) =>
            changes.map((one) => `${scopeWords(scope)}: ${changeWords(one, judge)}`),
          ),
        );
      }
      return ExitCode.ok;
    });
  },
});

function mayBeDocument(word: string): boolean {
  return word === STANDARD_INPUT || /[/\\]|\.(?:ya?ml|json)$/.test(word) || existsSync(word);
}

/** From a revision (the one before the last) to now. */
async function sinceRevision(
  settings: Settings,
  word: string | undefined,
  global: boolean | undefined,
  revision: number | undefined,
): Promise<Differing> {
  const scope = await settings.scope(word, global);
  const [revisions, judge] = await Promise.all([settings.store.history(scope), settings.judge(scope)]);
  const last = revisions.at(-1);
  if (!last) throw await settings.nothing(scope, "was ever set");
  const from = revision === undefined ? revisions.at(-2) : revisions.find((one) => one.revision === revision);
  if (!from && revision !== undefined)
    throw new NotFoundError(`${scopeWords(scope)} has no revision ${revision}`, {
      hint: "tcs config history lists them",
    });
  return { scope, judge, changes: difference(from?.fields ?? {}, last.fields) };
}
