// tcs config schema: the JSON Schema of configuration files, for editors.
import { ExitCode } from "../../../common/errors.ts";
import { verboseArg } from "../../common-args.ts";
import { DEFAULT_CONFIG } from "../../default-config.ts";
import { defineCommand } from "../../define-command.ts";
import { makeEditorSchema } from "../../editor-schema.ts";
import { tell, write } from "../../output.ts";

export default defineCommand({
  meta: { name: "schema", description: "Print the JSON Schema of configuration files, for editors" },
  examples: [
    ["tcs config schema > services.schema.json"],
    ["tcs config schema config/examples.yaml", "with its services' fields"],
  ],
  args: {
    file: {
      type: "positional",
      required: false,
      description: `Its services, and those beside it, are in the schema, too (${DEFAULT_CONFIG})`,
    },
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    const { text, notes } = await makeEditorSchema(args.file ?? DEFAULT_CONFIG);
    for (const note of notes) tell(`its fields are not known: ${note}`);
    write([text]);
    return ExitCode.ok;
  },
});
