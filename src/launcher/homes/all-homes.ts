// Every home that a launcher has.
import type { NatsSettings, ServiceHome } from "../../config/types.ts";
import type { HostModules } from "../../host/loader.ts";
import type { ProcessContext } from "../../host/service-host.ts";
import type { Messenger } from "../../messaging/index.ts";
import type { GroupGuard } from "../group-guard.ts";
import { execHome } from "./exec.ts";
import type { StartHost } from "./home.ts";
import { inlineHome } from "./inline.ts";
import { processHome } from "./process.ts";
import { brokerAddress } from "./program.ts";

export interface AllHomesOptions extends Pick<ProcessContext, "scheduler" | "sink" | "log" | "serve"> {
  modules: HostModules;
  guard: GroupGuard;
  messenger: Messenger;
  nats: NatsSettings;
  startWorker: StartHost;
}

export function allHomes(options: AllHomesOptions): Record<ServiceHome, StartHost> {
  const { guard, messenger, nats, startWorker, ...inline } = options;
  return {
    inline: inlineHome({ ...inline, env: process.env }),
    worker: startWorker,
    process: processHome(guard),
    exec: execHome({ guard, scheduler: inline.scheduler, ear: messenger, broker: brokerAddress(nats) }),
  };
}
