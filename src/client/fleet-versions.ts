// Which version of tcs each launcher of a fleet runs, and each service that is run by hand.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { askRpc, RpcRefusedError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { reachLaunchers } from "./fleet-reach.ts";
import type { ServiceInfo } from "./service-info.ts";

export interface RunningVersion {
  kind: "launcher" | "service";
  /** Name of the launcher's monitor, or id of the service. */
  name: string;
  host?: string | undefined;
  pid?: number | undefined;
  /** Undefined when it does not tell: it does not answer, or is another program (a Python launcher). */
  version?: string | undefined;
  reach: "answers" | "silent";
  /** How many services a launcher runs. */
  services?: number | undefined;
}

const ASK_LIMIT_MS = 1_000;

/** Asks all that run. Never rejects for what they do. */
export async function readFleetVersions(
  connection: NatsConnection,
  infos: readonly ServiceInfo[],
  prefix: string,
): Promise<RunningVersion[]> {
  const subjects = new Subjects(prefix);
  const launchers = (await reachLaunchers(connection, infos, prefix)).filter(
    ({ reach, info }) => reach !== "absent" || info?.running,
  );
  const byHand = infos.filter((info) => info.kind === "service" && !info.declared && info.running);
  const asked = [
    ...launchers.map(async ({ name, hostname, info }): Promise<RunningVersion> => {
      const answer = await ask(connection, subjects.rpc(name, "describe"));
      const services = answer.data?.running;
      return {
        ...told("launcher", name, answer, hostname ?? info?.host, info?.pid),
        ...(typeof services === "number" ? { services } : {}),
      };
    }),
    ...byHand.map(async ({ serviceId, host, pid }): Promise<RunningVersion> => {
      return told("service", serviceId, await ask(connection, subjects.rpc(serviceId, "stats")), host, pid);
    }),
  ];
  return await Promise.all(asked);
}

interface Answer {
  reach: RunningVersion["reach"];
  data?: JsonObject;
}

async function ask(connection: NatsConnection, subject: string): Promise<Answer> {
  try {
    return { reach: "answers", data: await askRpc(connection, subject, {}, { limitMs: ASK_LIMIT_MS }) };
  } catch (error) {
    // What knows no such question lives all the same.
    return { reach: error instanceof RpcRefusedError ? "answers" : "silent" };
  }
}

function told(
  kind: RunningVersion["kind"],
  name: string,
  { reach, data }: Answer,
  host: string | undefined,
  pid: number | undefined,
): RunningVersion {
  const version = typeof data?.version === "string" ? data.version : undefined;
  return { kind, name, host, pid: typeof data?.pid === "number" ? data.pid : pid, version, reach };
}
