// The homes of a launcher, one of each kind.
import type { LogSink } from "../../common/logger.ts";
import type { Scheduler } from "../../common/scheduler.ts";
import type { NatsSettings, ServiceHome } from "../../config/types.ts";
import type { HostModules } from "../../host/loader.ts";
import { type Messenger, type ReportSink, type RpcServer, Subjects } from "../../messaging/index.ts";
import type { GroupGuard } from "../group-guard.ts";
import { execHome } from "./exec.ts";
import type { StartHost } from "./home.ts";
import { inlineHome } from "./inline.ts";
import { processHome } from "./process.ts";
import { brokerAddress } from "./program.ts";

export interface HomesOptions {
  modules: HostModules;
  scheduler: Scheduler;
  sink: ReportSink;
  log: LogSink;
  rpc: RpcServer;
  guard: GroupGuard;
  messenger: Messenger;
  nats: NatsSettings;
  worker: StartHost;
  systemd: StartHost;
}

export function allHomes(options: HomesOptions): Record<ServiceHome, StartHost> {
  const { modules, scheduler, sink, log, rpc, guard, messenger, nats, worker, systemd } = options;
  return {
    inline: inlineHome({
      modules,
      scheduler,
      sink,
      log,
      serve: (id, prefix, handler) => rpc.serve(id, handler, { subjects: new Subjects(prefix) }),
      nats,
      env: process.env,
    }),
    worker,
    process: processHome(guard),
    systemd,
    exec: execHome({ guard, scheduler, ear: messenger, broker: brokerAddress(nats) }),
  };
}
