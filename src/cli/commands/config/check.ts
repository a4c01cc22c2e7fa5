// tcs config check: everything that is wrong with configuration files, for people, editors and CI.
import { ExitCode } from "../../../common/errors.ts";
import { FleetSource, formatIssue } from "../../../config/index.ts";
import { builtinTypes } from "../../../entry/modules.ts";
import { WORKER_ENTRY } from "../../../entry/worker-url.ts";
import type { ConfigVerdict } from "../../../launcher/config-verdict.ts";
import { judgeConfig, workerHome } from "../../../launcher/index.ts";
import { verdictLine } from "../../check-words.ts";
import { asRunArgs, jsonArg, verboseArg } from "../../common-args.ts";
import { DEFAULT_CONFIG } from "../../default-config.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { write } from "../../output.ts";
import { repeatedOption } from "../../strict-args.ts";

export default defineCommand({
  meta: { name: "check", description: "Tell everything that is wrong with configuration files; nothing is started" },
  examples: [
    ["tcs config check", "services.yaml of this folder"],
    ["tcs config check config/examples.yaml --json", "for editors and CI"],
  ],
  args: {
    file: {
      type: "positional",
      required: false,
      description: `Configuration files (${DEFAULT_CONFIG})`,
      valueHint: "...",
    },
    ...asRunArgs,
    ...jsonArg,
    ...verboseArg,
  },
  async run({ args, rawArgs }): Promise<number> {
    const files = args._.length > 0 ? args._ : [DEFAULT_CONFIG];
    const startWorker = workerHome(WORKER_ENTRY);
    const found: [string, ConfigVerdict][] = [];
    // One after the other: each loads its services' files, and lines of two would be mixed.
    for (const file of files) {
      const source = new FleetSource({
        file,
        env: process.env,
        builtinTypes,
        sets: repeatedOption(rawArgs, "set"),
        ...(args.launcher === undefined ? {} : { launcher: args.launcher }),
      });
      found.push([file, await judgeConfig(source, startWorker)]);
    }
    if (args.json) write([jsonText({ version: 1, files: found.map(verdictJson) })]);
    else write(found.flatMap(verdictLines));
    return exitCode(found.map(([, verdict]) => verdict));
  },
});

function verdictLines([file, verdict]: [string, ConfigVerdict]): string[] {
  const warnings = verdict.warnings.map(({ id, message }) => `${file}: ${id}: ${message}`);
  return [...verdict.issues.map(formatIssue), ...warnings, verdictLine(file, verdict)];
}

function verdictJson([file, { services, issues, warnings }]: [string, ConfigVerdict]) {
  return {
    file,
    valid: issues.length === 0,
    services,
    // Lines and columns count from 1; 0 where the source has none (command line, environment).
    issues: issues.map((issue) => ({ ...issue, message: formatIssue(issue) })),
    warnings: warnings.map(({ id, message }) => ({ service_id: id, message })),
  };
}

function exitCode(verdicts: readonly ConfigVerdict[]): number {
  if (verdicts.some(({ issues }) => issues.length > 0)) return ExitCode.configInvalid;
  return verdicts.some(({ warnings }) => warnings.length > 0) ? ExitCode.failure : ExitCode.ok;
}
