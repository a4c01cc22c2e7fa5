// tcs config explain: each value of a service's configuration, who set it, and what that is stronger than.
import { ExitCode } from "../../../common/errors.ts";
import { ConfigError, FleetSource } from "../../../config/index.ts";
import { builtinTypes } from "../../../entry/modules.ts";
import { WORKER_ENTRY } from "../../../entry/worker-url.ts";
import { workerHome } from "../../../launcher/index.ts";
import { asRunArgs, brokerArgs, configArg, jsonArg, verboseArg } from "../../common-args.ts";
import { DEFAULT_CONFIG } from "../../default-config.ts";
import { defineCommand } from "../../define-command.ts";
import { explanationJson, renderExplanation } from "../../display/explain.ts";
import { jsonText } from "../../display/status-json.ts";
import { natsFlags } from "../../nats-flags.ts";
import { renderOptions, tell, write } from "../../output.ts";
import { readWithBroker } from "../../settings/read-with-broker.ts";
import { repeatedOption } from "../../strict-args.ts";

export default defineCommand({
  meta: { name: "explain", description: "Tell who set each value of a service, and what that is stronger than" },
  examples: [
    ["tcs config explain hello_world --config config/examples.yaml", "all values"],
    ["tcs config explain hello_world interval --config config/examples.yaml"],
  ],
  args: {
    id: { type: "positional", required: true, description: "Id of the service, or its type if there is one of it" },
    key: { type: "positional", required: false, description: "Only this value, as interval, limits.max, restart_sec" },
    ...configArg,
    ...asRunArgs,
    ...jsonArg,
    ...brokerArgs,
    ...verboseArg,
  },
  async run({ args, rawArgs }): Promise<number> {
    const { explainService } = await import("../../../launcher/explain-service.ts");
    const source = new FleetSource({
      file: args.config ?? DEFAULT_CONFIG,
      env: process.env,
      builtinTypes,
      sets: repeatedOption(rawArgs, "set"),
      ...(args.launcher === undefined ? {} : { launcher: args.launcher }),
      flags: natsFlags(args),
    });
    const { reading, readable, fault } = await readWhatCanBeRead(source);
    const concerns = ({ id, type }: { id: string; type: string }) => id === args.id || type === args.id;
    const isThere = readable.services.some(concerns);
    // What is wrong with the file may be the reason why the service is not in it.
    if (fault && !isThere) throw fault;
    const startWorker = workerHome(WORKER_ENTRY);
    const { fleet, notes } =
      reading && isThere
        ? await readWithBroker({ source, reading, flags: args, concerns, startWorker })
        : { fleet: readable, notes: [] };
    const explanation = await explainService(args.id, args.key, { fleet, env: source.environment(), startWorker });
    if (args.json) write([jsonText(explanationJson(explanation))]);
    else write(renderExplanation(explanation, renderOptions()));
    for (const note of [...notes, ...explanation.notes]) tell(note);
    if (fault) tell('the file is not valid as it is: "tcs config check" tells what is wrong with it');
    return ExitCode.ok;
  },
});

/** Of a file that is not valid, the rows that can be told apart. */
async function readWhatCanBeRead(source: FleetSource) {
  try {
    const reading = await source.read();
    return { reading, readable: reading.fleet, fault: undefined };
  } catch (error) {
    if (!(error instanceof ConfigError && error.readable)) throw error;
    return { reading: undefined, readable: error.readable, fault: error };
  }
}
