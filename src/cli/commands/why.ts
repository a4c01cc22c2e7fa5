// tcs why: why a service is in the state it is in.
import { defineCommand } from "citty";
import { describeSilence, launchersOf, reachLaunchers } from "../../client/index.ts";
import { describeError, ExitCode } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { askRpc } from "../../messaging/rpc.ts";
import { Subjects } from "../../messaging/subjects.ts";
import { ANSWER_LIMIT_MS } from "../ask-service.ts";
import { fleetArgs, jsonArg, serviceArg } from "../common-args.ts";
import { jsonText, serviceJson } from "../display/status-json.ts";
import { renderWhy, type WhyAnswer } from "../display/why.ts";
import { type FleetAccess, readFleet, withFleet } from "../fleet-access.ts";
import { namedService } from "../named-service.ts";
import { parseCount } from "../numbers.ts";
import { renderOptions, write } from "../output.ts";

const LINES = 10;
/** What a launcher has in memory. */
const MOST_LINES = 50;

export default defineCommand({
  meta: {
    name: "why",
    description: "Tell why a service is in its state: last end, history, target, configuration, log",
  },
  args: {
    ...serviceArg,
    lines: { type: "string", alias: "n", description: "How many lines of its log, the last (10)", valueHint: "N" },
    ...jsonArg,
    ...fleetArgs,
  },
  async run({ args }): Promise<number> {
    const lines = parseCount(args.lines, "--lines", MOST_LINES) ?? LINES;
    const { id, info, answers } = await withFleet(args, "tcs why", (access) => ask(access, args.id, lines));
    if (args.json) {
      const told = answers.map(({ launcher, answer, fault }) => ({ launcher, answer, error: fault }));
      write([jsonText({ version: 1, service_id: id, seen: info && serviceJson(info), launchers: told })]);
    } else write(renderWhy(id, info, answers, renderOptions()));
    return ExitCode.ok;
  },
});

/** What the streams know, and what each launcher that has it says. @throws NotFoundError */
async function ask(access: FleetAccess, word: string, lines: number) {
  const fleet = await readFleet(access);
  const launchers = await reachLaunchers(access.connection, fleet, access.prefix);
  const listed = launchers.flatMap(({ services }) => services.map(({ serviceId }) => serviceId));
  const id = namedService(word, fleet.services, listed);
  const info = fleet.services.find(({ serviceId }) => serviceId === id);
  const owners = launchersOf(id, launchers, info);
  const answers = await Promise.all(
    owners.map(async ({ name, reach, info: launcher }): Promise<WhyAnswer> => {
      if (reach !== "answers") return { launcher: name, fault: describeSilence(launcher) };
      try {
        const subject = new Subjects(access.prefix).rpc(name, `why.${id}`);
        const answer: JsonObject = await askRpc(access.connection, subject, { lines }, { limitMs: ANSWER_LIMIT_MS });
        return { launcher: name, answer };
      } catch (error) {
        return { launcher: name, fault: describeError(error) };
      }
    }),
  );
  return { id, info, answers };
}
