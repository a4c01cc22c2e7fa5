// tcs config schema: the JSON Schema of configuration files, for editors.
import { dirname } from "node:path";
import { defineCommand } from "citty";
import { ExitCode } from "../../../common/errors.ts";
import { configFileSchema } from "../../../config/file-schema/file-schema.ts";
import { loadEnv } from "../../../config/index.ts";
import { hostModules } from "../../../entry/modules.ts";
import { WORKER_ENTRY } from "../../../entry/worker-url.ts";
import { workerHome } from "../../../launcher/index.ts";
import { verboseArg } from "../../common-args.ts";
import { jsonText } from "../../display/status-json.ts";
import { DEFAULT_CONFIG } from "../../fleet-access.ts";
import { tell, write } from "../../output.ts";

export default defineCommand({
  meta: { name: "schema", description: "Print the JSON Schema of configuration files, for editors" },
  args: {
    file: {
      type: "positional",
      required: false,
      description: `Configuration file whose services are in it, too; with those beside it (${DEFAULT_CONFIG})`,
    },
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    const { findServices } = await import("../../../launcher/known-services.ts");
    const file = args.file ?? DEFAULT_CONFIG;
    const { services, notes } = await findServices({
      file,
      env: loadEnv(dirname(file), process.env),
      builtinTypes: new Set(Object.keys(hostModules.builtins)),
      startWorker: workerHome(WORKER_ENTRY),
    });
    for (const note of notes) tell(`its fields are not known: ${note}`);
    write([jsonText(configFileSchema(services))]);
    return ExitCode.ok;
  },
});
