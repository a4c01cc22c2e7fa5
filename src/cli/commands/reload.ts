// tcs reload: launchers read their configuration again, and apply what is different.
import { askToReload, matches, type ReachedLauncher, type ReloadResult, reachLaunchers } from "../../client/index.ts";
import { ExitCode, NotFoundError, UsageError } from "../../common/errors.ts";
import { fleetArgs, jsonArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { nameOf } from "../display/names.ts";
import { describeReload, reloadJson } from "../display/reload.ts";
import { jsonText } from "../display/status-json.ts";
import { type FleetAccess, withFleet } from "../fleet-access.ts";
import { parseLimit } from "../numbers.ts";
import { renderOptions, tell, write } from "../output.ts";
import { refuseBesideAll } from "../strict-args.ts";

export default defineCommand({
  meta: { name: "reload", description: "Have a launcher read its configuration again, and apply what is different" },
  examples: [["tcs reload --dry-run", "what would be changed"], ["tcs reload"]],
  args: {
    launcher: {
      type: "positional",
      required: false,
      description: 'The launcher with this in its name, or all that match a pattern as "*-worker-*"',
    },
    all: { type: "boolean", description: "Every launcher that answers" },
    "dry-run": { type: "boolean", description: "Only tell what would be changed" },
    timeout: {
      type: "string",
      description: "How long to wait until it is done, seconds (60, and what stops may take)",
      valueHint: "SECONDS",
    },
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    refuseBesideAll(args.all, args._, "reload");
    const limitMs = parseLimit(args.timeout, "--timeout");
    return await withFleet(args, "tcs reload", async (access) => {
      const launchers = await findLaunchers(access, args.all ? "*" : args.launcher);
      const request = { by: access.by, dryRun: args["dry-run"], limitMs };
      const results = await Promise.all(
        launchers.map((launcher) => askToReload(access.connection, access.prefix, launcher, request)),
      );
      if (args.json) write([jsonText(reloadJson(results))]);
      else report(results);
      return exitCode(results);
    });
  },
});

function report(results: readonly ReloadResult[]): void {
  const options = renderOptions();
  for (const result of results) {
    const { data, talk, issues } = describeReload(result, options);
    if (data.length > 0) write(data);
    for (const line of talk) tell(line);
    for (const line of issues) process.stderr.write(`${line}\n`);
  }
}

function exitCode(results: readonly ReloadResult[]): number {
  if (results.every(({ ok }) => ok)) return ExitCode.ok;
  const isInvalid = results.some(({ reply }) => reply?.result === "invalid");
  return isInvalid ? ExitCode.configInvalid : ExitCode.failure;
}

/**
 * @param word part of a name, or a pattern; may be left out when there is only one launcher
 * @throws NotFoundError, UsageError when it is not clear which one is meant
 */
async function findLaunchers(access: FleetAccess, word: string | undefined): Promise<ReachedLauncher[]> {
  const everyone = await reachLaunchers(access.connection, await access.look(), access.prefix);
  const isPattern = word !== undefined && /[*?]/.test(word);
  // Of those that were stopped or have died nobody can be meant who does not name them.
  const present = everyone.filter(({ reach }) => reach !== "absent");
  const meant =
    word === undefined || isPattern
      ? present.filter(({ name }) => word === undefined || matches(word, name))
      : everyone.filter(({ name }) => name === word || name.includes(word));
  const names = (launchers: readonly ReachedLauncher[]) => launchers.map(({ name }) => name).join(", ");
  if (meant.length === 0) {
    if (word === undefined) throw new NotFoundError("no launcher answers", { hint: "start a fleet with tcs run" });
    const what = isPattern ? `no launcher's name matches "${word}"` : `no launcher has "${word}" in its name`;
    throw new NotFoundError(what, everyone.length > 0 ? { hint: `there are ${names(everyone)}` } : {});
  }
  if (meant.length > 1 && !isPattern) {
    const which = word === undefined ? `${meant.length} launchers answer` : `"${word}" is in the names of several`;
    throw new UsageError(`tcs reload: ${which}: ${names(meant)}`, {
      hint: `name one ("tcs reload ${hashOf(meant[0])}"), give a pattern in quotes, or say --all`,
    });
  }
  return meant;
}

/** What tells a launcher apart, as tables show it. */
function hashOf(launcher: ReachedLauncher | undefined): string {
  return /^launcher (\S+) on/.exec(nameOf(launcher?.name ?? "", { unicode: true }))?.[1] ?? launcher?.name ?? "NAME";
}
