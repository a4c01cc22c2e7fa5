// The values that can be named of each kind; of the fleet's own, those that the broker knows of within a moment.

import { LOG_LEVELS } from "../../common/logger.ts";
import { HOMES } from "../../config/types.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import type { BrokerFlags } from "../fleet-access.ts";
import type { Candidate } from "./candidate.ts";
import type { ValueKind } from "./meaning.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

/** Somebody waits for the key that was pressed: what takes longer is not told, milliseconds. */
const CONNECT_LIMIT_MS = 300;

/** Anybody can put any word on the wire; what a shell would take for more than a word is not put on a command line. */
const HARMLESS = /^[\p{L}\p{N}_.:@%+-]+$/u;

/** @param broker where the words typed so far say it is */
export async function valuesOf(kind: ValueKind, broker: BrokerFlags): Promise<Candidate[]> {
  switch (kind) {
    case "service":
    case "launcher":
      return await fromFleet(kind, broker);
    case "file or type":
      return Object.keys((await import("../../entry/modules.ts")).hostModules.builtins).map((value) => ({ value }));
    case "service kind": {
      const { SERVICE_KINDS } = await import("../../scaffold/kinds.ts");
      return Object.entries(SERVICE_KINDS).map(([value, { description }]) => ({ value, about: description }));
    }
    case "home":
      return HOMES.map((value) => ({ value }));
    case "level":
      return LOG_LEVELS.map((value) => ({ value }));
    case "shell":
      return SHELLS.map((value) => ({ value }));
    case "third party": {
      const { thirdParties } = await import("../licenses/read.ts");
      return thirdParties().map(({ name, license }) => ({ value: name, about: license }));
    }
    case "what is new":
      return [
        { value: "service", about: "a service, its test, and its row" },
        { value: "project", about: "a folder of its own for services" },
        { value: "types", about: "only the editor support" },
      ];
    case "what is exported":
      return [
        { value: "docker", about: "a Dockerfile" },
        { value: "compose", about: "a compose file, with the broker" },
        { value: "k8s", about: "Kubernetes manifests" },
      ];
    case "file":
    case "folder":
    case "free":
      return [];
    default:
      return kind satisfies never;
  }
}

async function fromFleet(kind: "service" | "launcher", flags: BrokerFlags): Promise<Candidate[]> {
  // Loaded while the configuration is read: it is the largest part of the start.
  void natsClient();
  const [{ findBroker }, { connectOnce }, { knownIds }] = await Promise.all([
    import("../fleet-access.ts"),
    import("../../messaging/connect-once.ts"),
    import("./known-ids.ts"),
  ]);
  const settings = await findBroker(flags);
  const connection = await connectOnce(settings, "tcs completion", CONNECT_LIMIT_MS);
  try {
    const ids = await knownIds(connection, settings.subjectPrefix, kind);
    return ids.filter(({ value }) => HARMLESS.test(value));
  } finally {
    // Nothing is under way that would be lost, and nobody should wait for it.
    void connection.close();
  }
}
