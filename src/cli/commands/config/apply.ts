// tcs config apply: stores a whole document; each service all or nothing, and it is told what was stored when not all was.
import { BrokerUnreachableError, ExitCode, TcsError } from "../../../common/errors.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { tell, write } from "../../output.ts";
import { type Settings, withSettings } from "../../settings/access.ts";
import { type Applied, appliedJson, appliedLines, plannedLines } from "../../settings/applied.ts";
import { forceArg, settingsArgs } from "../../settings/command-line.ts";
import { SettingsConflictError } from "../../settings/errors.ts";
import { strangerLines } from "../../settings/of-no-use.ts";
import { judgePlan, type PlannedChange, planDocument } from "../../settings/plan.ts";

export default defineCommand({
  meta: { name: "apply", description: "Store the values of a document: those of the services that it names" },
  examples: [
    ["tcs config apply values.yaml --dry-run", "what would be changed"],
    ["tcs config apply - < values.yaml", "from standard input"],
  ],
  args: {
    file: {
      type: "positional",
      required: true,
      description: "The document, as tcs config export writes it; - is standard input",
    },
    "dry-run": { type: "boolean", description: "Only check it, and tell what would be changed" },
    ...forceArg,
    ...settingsArgs,
  },
  async run({ args }): Promise<number> {
    return await withSettings(args, "apply", async (settings) => {
      const services = settings.services();
      const plan = await planned(settings, args.file, args.force ?? false);
      const wanted = plan.filter(({ changes }) => changes.length > 0);
      const isDry = args["dry-run"] ?? false;
      const results = isDry
        ? wanted.map((change): Applied => ({ change, result: "not tried" }))
        : await applyAll(settings, wanted);
      const { data, talk } = appliedLines(results);
      const lines = isDry ? plannedLines(wanted) : data;
      if (args.json) write([jsonText({ version: 1, dry_run: isDry, results: results.map(appliedJson) })]);
      else if (lines.length > 0) write(lines);
      if (plan.length === 0) tell("nothing to change: the document names nothing");
      else if (wanted.length === 0) tell("nothing to change: everything is as the document says");
      const scopes = wanted.map(({ before }) => before.scope);
      for (const line of [...talk, ...strangerLines(scopes, await services)]) tell(line);
      const failed = results.find((one) => "error" in one);
      return failed && "error" in failed ? failed.error.exitCode : ExitCode.ok;
    });
  },
});

/** @throws with nothing stored */
async function planned(settings: Settings, file: string, force: boolean): Promise<PlannedChange[]> {
  try {
    const plan = await planDocument(settings, file);
    await judgePlan(settings, plan, force);
    return plan;
  } catch (error) {
    if (!(error instanceof BrokerUnreachableError)) throw error;
    throw new BrokerUnreachableError(error.message, { hint: "nothing was stored", cause: error });
  }
}

/** One after the other: when the broker goes, it is known how far it came. */
async function applyAll(settings: Settings, wanted: readonly PlannedChange[]): Promise<Applied[]> {
  const results: Applied[] = [];
  let isOver = false;
  for (const change of wanted) {
    if (isOver) {
      results.push({ change, result: "not tried" });
      continue;
    }
    try {
      results.push({ change, result: "stored", revision: await settings.write(change.before, change.after) });
    } catch (error) {
      if (!(error instanceof TcsError)) throw error;
      results.push({ change, result: error instanceof BrokerUnreachableError ? "unknown" : "refused", error });
      // That somebody was faster there says nothing of the others.
      isOver = !(error instanceof SettingsConflictError);
    }
  }
  return results;
}
