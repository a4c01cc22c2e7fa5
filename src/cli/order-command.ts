// `tcs start`, `tcs stop` and `tcs restart`: one command in three words.
import { defineCommand } from "citty";
import {
  describeSilence,
  giveOrder,
  launchersOf,
  type OrderResult,
  type OrderVerb,
  type ReachedLauncher,
  reachLaunchers,
  type ServiceInfo,
  selectServices,
} from "../client/index.ts";
import { ExitCode, NotFoundError, UsageError } from "../common/errors.ts";
import { countOf } from "../common/plural.ts";
import { fleetArgs, jsonArg } from "./common-args.ts";
import { nameOf } from "./display/names.ts";
import { describeOrder, orderJson } from "./display/orders.ts";
import { jsonText } from "./display/status-json.ts";
import { type FleetAccess, readFleet, withFleet } from "./fleet-access.ts";
import { unclearName } from "./named-service.ts";
import { parseSeconds } from "./numbers.ts";
import { renderOptions, tell, write } from "./output.ts";
import { whoAmI } from "./who.ts";

const ABOUT = {
  start: "Start services, also those that an operator had stopped",
  stop: "Stop services; they stay stopped until somebody starts them",
  restart: "Stop services and start them again",
} as const satisfies Record<OrderVerb, string>;

export function orderCommand(verb: OrderVerb) {
  return defineCommand({
    meta: { name: verb, description: ABOUT[verb] },
    args: {
      id: {
        type: "positional",
        required: false,
        description: 'Services: ids, types if there is one of it, or patterns as "camera.*"',
        valueHint: "...",
      },
      all: { type: "boolean", description: "Every service of every launcher that answers" },
      reason: { type: "string", description: "Why: told by tcs status and tcs why", valueHint: "TEXT" },
      timeout: {
        type: "string",
        description: "How long to wait until it is done, seconds (30, or what a stop may take)",
        valueHint: "SECONDS",
      },
      launcher: { type: "string", description: "Only at the launcher with this in its name", valueHint: "NAME" },
      ...jsonArg,
      ...fleetArgs,
    },
    async run({ args }): Promise<number> {
      const words = args._;
      if (words.length === 0 && !args.all) {
        throw new UsageError(`tcs ${verb}: which services?`, {
          hint: `as "tcs ${verb} camera.main", "tcs ${verb} 'camera.*'" or --all`,
        });
      }
      const limitMs = parseSeconds(args.timeout, "--timeout");
      if (limitMs === 0) throw new UsageError("--timeout: given 0, expected more");
      return await withFleet(args, `tcs ${verb}`, async (access) => {
        const targets = await findTargets(access, verb, args.all ? ["*", ...words] : words, args.launcher);
        const order = { by: whoAmI(), reason: args.reason, limitMs };
        const results = await Promise.all(
          targets.map(async ({ serviceId, launcher, fault }): Promise<OrderResult> => {
            if (!launcher || fault !== undefined)
              return { serviceId, launcher: launcher?.name, ok: false, error: fault };
            return await giveOrder(access.connection, access.prefix, verb, serviceId, launcher, order);
          }),
        );
        if (args.json) write([jsonText(orderJson(verb, results))]);
        else report(verb, results);
        return results.every(({ ok }) => ok) ? ExitCode.ok : ExitCode.failure;
      });
    },
  });
}

function report(verb: OrderVerb, results: readonly OrderResult[]): void {
  const options = renderOptions();
  for (const result of results) {
    const line = describeOrder(verb, result, options);
    if (result.ok) write([line]);
    else tell(line);
  }
  if (results.length < 2) return;
  const failed = results.filter(({ ok }) => !ok).length;
  if (failed > 0) tell(`${verb}: ${failed} of ${countOf(results.length, "service")} failed`);
}

interface Target {
  serviceId: string;
  launcher?: ReachedLauncher | undefined;
  /** Why no order can be given. */
  fault?: string;
}

/** @throws NotFoundError when a word means nothing: then nothing is done for the others either */
async function findTargets(
  access: FleetAccess,
  verb: OrderVerb,
  words: readonly string[],
  launcherName: string | undefined,
): Promise<Target[]> {
  const fleet = await readFleet(access);
  const everyone = await reachLaunchers(access.connection, fleet, access.prefix);
  const launchers = launcherName === undefined ? everyone : everyone.filter(({ name }) => name.includes(launcherName));
  if (launcherName !== undefined && launchers.length === 0) {
    const names = everyone.map(({ name }) => name).join(", ");
    throw new NotFoundError(
      `no launcher has "${launcherName}" in its name`,
      names ? { hint: `there are ${names}` } : {},
    );
  }
  const infos = new Map(fleet.services.filter(({ kind }) => kind === "service").map((info) => [info.serviceId, info]));
  const listed = launchers.flatMap(({ services }) => services.map(({ serviceId }) => serviceId));
  const expected = [...infos.values()].filter((info) => info.declared && !info.removed && info.current);
  const { ids, unclear } = selectServices(
    words,
    new Set([...listed, ...infos.keys()]),
    new Set([...listed, ...expected.map(({ serviceId }) => serviceId)]),
  );
  const [first] = unclear;
  const more = unclear.length > 1 ? ` (and ${unclear.length - 1} more like it)` : "";
  if (first) throw unclearName(first.word, first.meaning, `${more}; nothing was done`);
  return ids.flatMap((id) => targetsOf(verb, id, launchersOf(id, launchers, infos.get(id)), infos.get(id), launchers));
}

function targetsOf(
  verb: OrderVerb,
  serviceId: string,
  owners: readonly ReachedLauncher[],
  info: ServiceInfo | undefined,
  launchers: readonly ReachedLauncher[],
): Target[] {
  const [owner, ...others] = owners;
  if (!owner) return [{ serviceId, fault: whyNoLauncher(info, launchers) }];
  // A stop is meant whoever runs it; a start at two launchers would make two of it.
  if (others.length > 0 && verb !== "stop") {
    const names = owners.map(({ name }) => name).join(" and ");
    return [{ serviceId, fault: `it is in the configuration of ${names}: say which with --launcher` }];
  }
  return owners.map((launcher) => ({
    serviceId,
    launcher,
    ...(launcher.reach === "absent" ? { fault: describeSilence(launcher.info) } : {}),
  }));
}

function whyNoLauncher(info: ServiceInfo | undefined, launchers: readonly ReachedLauncher[]): string {
  if (!info) return "nothing is known of it";
  if (info.removed) return "it is no longer in its launcher's configuration";
  if (info.ephemeral) {
    const where =
      info.host === undefined ? "" : ` on ${info.host}${info.pid === undefined ? "" : ` (pid ${info.pid})`}`;
    return `it is run by hand${where}: no launcher controls it`;
  }
  const parent = launchers.find(({ name }) => name === info.parent);
  if (parent?.reach === "answers") return `${nameOf(parent.name, { unicode: true })} no longer has it`;
  return describeSilence(parent?.info);
}
