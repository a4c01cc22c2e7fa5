// tcs services: what can be run from here.
import { BUILTIN_DESCRIPTIONS } from "../../../services/index.ts";
import { NotFoundError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { configFolder, loadEnv } from "../../config/index.ts";
import { WORKER_ENTRY } from "../../entry/worker-url.ts";
import { readCatalogue, workerHome } from "../../launcher/index.ts";
import { configArg, jsonArg, verboseArg } from "../common-args.ts";
import { configIfAny } from "../default-config.ts";
import { defineCommand } from "../define-command.ts";
import { renderServices, servicesJson } from "../display/services.ts";
import { jsonText } from "../display/status-json.ts";
import { renderOptions, tell, write } from "../output.ts";

export default defineCommand({
  meta: { name: "services", description: "List the services that can be run from here, and what they take" },
  examples: [
    ["tcs services", "all that can be run from here"],
    ["tcs services examples", "those with this in their type"],
  ],
  args: {
    type: { type: "positional", required: false, description: "Only types with this in their name" },
    ...configArg,
    ...jsonArg,
    ...verboseArg,
  },
  async run({ args }): Promise<void> {
    const config = configIfAny(args.config);
    const env = loadEnv(config === undefined ? process.cwd() : configFolder(config), process.env);
    const builtins = new Map(Object.entries(BUILTIN_DESCRIPTIONS));
    const options = { env, builtins, ...(config !== undefined && { config }) };
    const { services, faults } = await readCatalogue(options, workerHome(WORKER_ENTRY));
    const word = args.type;
    const shown = word === undefined ? services : services.filter(({ type }) => type.includes(word));
    if (word !== undefined && shown.length === 0) {
      const near = nearest(
        word,
        services.map(({ type }) => type),
      );
      throw new NotFoundError(`no service type has "${word}" in its name`, {
        hint: near ? `did you mean "${near}"?` : '"tcs services" lists all that can be run from here',
      });
    }
    if (args.json) write([jsonText(servicesJson(shown, faults))]);
    else write(renderServices(shown, renderOptions()));
    for (const fault of faults) tell(fault);
  },
});
