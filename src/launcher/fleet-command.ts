// The launcher of a run with all who tell it what to do: operators, the configuration, and in dev mode the files of services.
import { Scheduler } from "../common/scheduler.ts";
import { adoptEnv, type FleetReading } from "../config/fleet-source.ts";
import { RpcServer } from "../messaging/index.ts";
import type { BrokerContact } from "./broker-contact.ts";
import { LauncherControl } from "./control/index.ts";
import { DesiredState } from "./desired-state.ts";
import { type DevMode, startDevMode } from "./dev/index.ts";
import { FleetVoice } from "./fleet-voice.ts";
import type { GroupGuard } from "./group-guard.ts";
import { allHomes } from "./homes/all-homes.ts";
import { inheritStops } from "./inherited-stop.ts";
import type { Ownership } from "./ownership/index.ts";
import { Reloader, type Reloads } from "./reload/index.ts";
import type { RemoteConfig } from "./remote/index.ts";
import { type Seat, takeOver } from "./renewal/index.ts";
import type { RunBasics } from "./run-basics.ts";
import type { ServiceRunner } from "./service-runner.ts";
import { ServicesLauncher } from "./services-launcher.ts";
import type { UnitsOfRun } from "./units-of-run.ts";

export interface FleetCommandOptions {
  basics: RunBasics;
  /** The configuration, with what NATS says of it. */
  reading: FleetReading;
  seat: Seat;
  units: UnitsOfRun;
  guard: GroupGuard;
  contact: BrokerContact;
  ownership: Ownership;
  remote: RemoteConfig;
  reloads: Reloads;
}

export class FleetCommand {
  readonly launcher: ServicesLauncher;
  readonly control: LauncherControl;
  readonly voice: FleetVoice;
  readonly #options: FleetCommandOptions;
  readonly #desired: DesiredState;
  readonly #rpc: RpcServer;
  readonly #reloader: Reloader;
  #dev: DevMode | undefined;
  #devEnds: Promise<void> | undefined;

  /** @throws StateFolderError */
  constructor(options: FleetCommandOptions) {
    this.#options = options;
    const { contact, ownership, units } = options;
    const { options: run, name, log, logger } = options.basics;
    const { messenger, subjects } = contact;
    this.#desired = new DesiredState(run.source.path, logger);
    this.#rpc = new RpcServer({ messenger, subjects, logger, mask: log.mask });
    this.voice = new FleetVoice({
      messenger,
      subjects,
      mask: log.mask,
      launcher: name.monitorName,
      logger,
      correct: (id) => {
        if (!ownership.mayStart(id).ok) return false;
        this.launcher.get(id)?.repeat();
        return true;
      },
    });
    this.launcher = this.#makeLauncher();
    this.#reloader = this.#makeReloader();
    this.control = this.#makeControl();
    units.follow(this, messenger);
  }

  /** Takes orders from now on; those to reload that came before are carried out. */
  open(): void {
    const { basics, reading, reloads, remote } = this.#options;
    const { options: run, startWorker, check, logger } = basics;
    reloads.open(this.#reloader);
    if (!run.once) remote.open();
    this.control.open();
    if (!run.dev) return;
    this.#dev = startDevMode({
      file: run.source.path,
      launcher: this.launcher,
      reloader: this.#reloader,
      reloads,
      startWorker,
      onSecrets: check.hide,
      logger,
      apart: reading.apart,
    });
  }

  /** Starts the services, or takes them over from the launcher that this one succeeds. */
  async start(): Promise<void> {
    const { basics, contact, ownership } = this.#options;
    const { messenger, subjects } = contact;
    const { succession } = basics.options;
    const { launcher } = this;
    if (succession) await takeOver(succession, { messenger, subjects, launcher, ownership });
    else await launcher.start();
  }

  /** Takes no more orders. */
  close(): void {
    this.control.close();
    this.voice.close();
    this.#devEnds = this.#dev?.close();
  }

  /** Stops the services. */
  async stop(): Promise<void> {
    await this.launcher.stop();
    await this.#devEnds;
  }

  #makeLauncher(): ServicesLauncher {
    const { basics, reading, seat, units, guard, contact, ownership } = this.#options;
    const { options: run, name, log, startWorker, check } = basics;
    const { messenger, subjects, nats } = contact;
    const { sink } = this.voice;
    const scheduler = new Scheduler();
    return new ServicesLauncher({
      fleet: reading.fleet,
      name,
      sink,
      scheduler,
      log: log.sink,
      lastLines: (id) => units.lastLines(id),
      onSecrets: check.hide,
      heldBy: (id) => this.#desired.heldBy(id),
      once: run.once ?? false,
      ownership,
      takeover: run.takeover ?? false,
      isHeir: (pid) => seat.isHeir(pid),
      inherit: (ids) => inheritStops(messenger.connection, subjects.prefix, ids, this.#desired),
      onStatus: ({ status, message = "" }) => run.manager?.status(log.mask.mask(`${status}: ${message}`)),
      onProgress: () => run.manager?.progress(),
      onOurs: (runner) => {
        this.voice.begin(runner.id);
        this.control.attach(runner);
      },
      onLeft: (runner, isHeir) => units.onLeft(runner, isHeir),
      onGone: (runner, how) => {
        this.control.detach(runner);
        this.voice.end(runner.id, how);
      },
      onMember: (runner, change) => this.#onMember(runner, change),
      nats,
      homes: allHomes({
        modules: run.modules,
        scheduler,
        sink,
        log: log.sink,
        rpc: this.#rpc,
        guard,
        messenger,
        nats,
        worker: startWorker,
        systemd: units.home.start,
      }),
    });
  }

  #makeReloader(): Reloader {
    const { basics, reading, seat, remote } = this.#options;
    return new Reloader({
      source: basics.options.source,
      reading,
      launcher: this.launcher,
      lock: seat.lock,
      check: basics.check.judge,
      onAdopt: (now, before) => {
        remote.use();
        adoptEnv(now.env, before.env);
      },
    });
  }

  #makeControl(): LauncherControl {
    const { basics, units, remote, reloads } = this.#options;
    const { options: run, name, logger } = basics;
    const { launcher } = this;
    return new LauncherControl({
      remoteValues: (row) => remote.inUseFor(row),
      runners: launcher.runners,
      fleet: () => this.#reloader.fleet,
      file: run.source.path,
      name,
      desired: this.#desired,
      rpc: this.#rpc,
      possession: launcher.possession,
      logger,
      lastLines: (id, count) => units.lastLines(id, count),
      reload: (call) => reloads.answer(call),
      onDone: () => launcher.refresh(),
    });
  }

  #onMember(runner: ServiceRunner, change: "added" | "removed"): void {
    if (change === "added") this.control.add(runner);
    else this.control.remove(runner);
    this.#options.units.onMember(runner, change);
    this.#dev?.follow();
  }
}
