// tcs config init: a first configuration file, with comments that say what else may stand in it.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import sample from "../../../../config/services.sample.yaml" with { type: "text" };
import { ExitCode } from "../../../common/errors.ts";
import { shellWord } from "../../../common/shell-word.ts";
import { writeAll } from "../../../common/transaction.ts";
import { SCHEMA_LINE } from "../../../scaffold/editor-schema.ts";
import { FileExistsError } from "../../../scaffold/new-service.ts";
import { verboseArg } from "../../common-args.ts";
import { DEFAULT_CONFIG } from "../../default-config.ts";
import { defineCommand } from "../../define-command.ts";
import { refreshEditorSchema } from "../../editor-schema.ts";
import { tell, write } from "../../output.ts";

export default defineCommand({
  meta: { name: "init", description: "Write a first configuration file, with comments that say what may stand in it" },
  examples: [["tcs config init", "services.yaml of this folder"], ["tcs config init first.yaml"]],
  args: {
    file: { type: "positional", required: false, description: `The file to write (${DEFAULT_CONFIG})` },
    force: { type: "boolean", description: "Replace the file if it exists" },
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    const file = args.file ?? DEFAULT_CONFIG;
    if (existsSync(file) && !args.force) {
      throw new FileExistsError(`${file} exists already`, {
        hint: "nothing was written; name another file, or replace it with --force",
      });
    }
    const replaces = args.force ? "anything" : "nothing";
    const path = resolve(file);
    const [written] = writeAll([{ kind: "file", path, content: firstConfig(String(sample), file), replaces }]);
    write([`${written?.action} ${file}`]);
    await refreshEditorSchema(file);
    tell(`start it with "tcs run${asWord(file)}"`);
    return ExitCode.ok;
  },
});

/** As it is typed behind a command; the usual one need not be named. */
function asWord(file: string): string {
  return file === DEFAULT_CONFIG ? "" : ` ${shellWord(file)}`;
}

/** The sample of everything, with a beginning of its own, and the broker left to tcs. */
function firstConfig(text: string, file: string): string {
  const body = text.slice(text.indexOf("# Lines that begin"));
  const nats = /^nats:\n(?: .*\n)+/m.exec(body)?.[0] ?? "";
  const comment = nats.replaceAll(/^/gm, "# ").trimEnd();
  const word = asWord(file);
  return [
    SCHEMA_LINE,
    "# The services of this host. Keep what you need:",
    "#",
    `#   tcs config check${word}    # says what is wrong, starts nothing`,
    `#   tcs run${word}`,
    "#",
    body.replace(nats, () => `${comment.slice(0, -1).trimEnd()}\n`),
  ].join("\n");
}
