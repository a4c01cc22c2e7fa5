// A launcher's ears: answers requests to it, and hands requests to its services on to them.
import { hostname } from "node:os";
import { TcsError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import type { Logger, LogRecord } from "../../common/logger.ts";
import { nearest } from "../../common/nearest.ts";
import { VERSION } from "../../common/version.ts";
import type { FleetConfig } from "../../config/types.ts";
import type { RpcCall, RpcServer } from "../../messaging/index.ts";
import { toWireTimestamp } from "../../messaging/timestamp.ts";
import { aggregateStatus } from "../../monitoring/index.ts";
import type { DesiredState } from "../desired-state.ts";
import { EXEC_COMMANDS } from "../homes/exec.ts";
import type { LauncherName } from "../launcher-id.ts";
import { readSuccessor } from "../ownership/index.ts";
import type { Possession } from "../possession.ts";
import type { ServiceRunner } from "../service-runner.ts";
import { announceLauncher, announceService } from "./announcements.ts";
import { answerWhileDown } from "./answer-while-down.ts";
import { Conductor, type Outcome } from "./conductor.ts";
import { ControlLog } from "./control-log.ts";
import { standing } from "./life-word.ts";
import { type Order, type OrderKind, readOrder } from "./order.ts";
import { type Answerer, countsOf, listEntry, orderReply, whyReply } from "./replies.ts";

/** The latest lines that a service wrote, oldest first: from whoever keeps them. */
export type LastLines = (serviceId: string, count: number) => readonly LogRecord[];

export interface LauncherControlOptions {
  runners: readonly ServiceRunner[];
  /** The configuration as it counts now. */
  fleet: () => FleetConfig;
  /** Absolute path of the configuration file. */
  file: string;
  name: LauncherName;
  desired: DesiredState;
  rpc: RpcServer;
  logger: Logger;
  possession: Pick<Possession, "retry" | "release">;
  lastLines?: LastLines;
  /** What NATS says of a service and is in use, in words. */
  remoteValues?: (service: { id: string; type: string }) => readonly string[];
  /** Brings the fleet up to its file; gives the answer. Absent: this launcher cannot. */
  reload?: (call: RpcCall) => Promise<JsonObject>;
  /** Called when an order has been carried out, before it is answered: what is told of the fleet must be true by then. */
  onDone?: () => void;
}

/** A request that a launcher cannot answer; the message is the answer. */
export class ControlError extends TcsError {
  override readonly code = "E_CONTROL";
}

/** Lines of a service's log that go with the answer to `why`, when it is not said how many. */
const LINES_OF_WHY = 20;
const COMMANDS = [
  "list",
  "describe",
  "health",
  "stats",
  "reload",
  "start.<id>",
  "stop.<id>",
  "restart.<id>",
  "why.<id>",
  "release.<id>",
];

export class LauncherControl {
  readonly #options: LauncherControlOptions;
  readonly #answerer: Answerer;
  readonly #services = new Map<string, { runner: ServiceRunner; conductor: Conductor }>();
  /** Ends the answers for a service, by id: only its owner answers for it. */
  readonly #answering = new Map<string, () => void>();
  readonly #startedAt = Date.now();
  readonly #log: ControlLog;
  #isClosing = false;
  #orders = 0;

  constructor(options: LauncherControlOptions) {
    this.#options = options;
    this.#log = new ControlLog(options.logger);
    this.#answerer = { launcherId: options.name.id, hostname: hostname() };
    for (const runner of options.runners) this.add(runner);
  }

  /** Begins to answer. */
  open(): void {
    const { rpc, name } = this.#options;
    rpc.serve(name.monitorName, (call) => this.#answer(call), { dotted: true });
    rpc.announce(name.monitorName, announceLauncher(name, this.#answerer.hostname, COMMANDS));
  }

  /** Takes orders for a service, also while another launcher has it. */
  add(runner: ServiceRunner): void {
    const { desired, possession } = this.#options;
    const acquire = () => possession.retry(runner);
    const conductor = new Conductor({ runner, desired, isClosing: () => this.#isClosing, acquire });
    this.#services.set(runner.id, { runner, conductor });
  }

  /** Takes no more orders for a service. */
  remove(runner: ServiceRunner): void {
    this.detach(runner);
    this.#services.delete(runner.id);
  }

  /** Begins to answer for a service. */
  attach(runner: ServiceRunner): void {
    this.detach(runner);
    const { rpc } = this.#options;
    if (runner.row.home === "systemd") {
      this.#answering.set(
        runner.id,
        answerWhileDown(runner, rpc, (call) => this.#forward(runner, call)),
      );
      return;
    }
    const answer = (call: RpcCall) => this.#forward(runner, call);
    // Whatever else a foreign program may be asked, it answers itself.
    const ends =
      runner.row.home === "exec"
        ? EXEC_COMMANDS.map((only) => rpc.serve(runner.id, answer, { only }))
        : [rpc.serve(runner.id, answer)];
    ends.push(rpc.announce(runner.id, announceService(runner, this.#answerer, this.#options.name)));
    this.#answering.set(runner.id, () => {
      for (const end of ends) end();
    });
  }

  /** Answers for a service no more: another launcher does. */
  detach({ id }: ServiceRunner): void {
    this.#answering.get(id)?.();
    this.#answering.delete(id);
  }

  /** Takes no more requests, and starts nothing any more. Orders under way are answered. */
  close(): void {
    this.#isClosing = true;
    this.#options.rpc.close();
  }

  async #answer(call: RpcCall): Promise<JsonObject> {
    const { command } = call;
    const { reload } = this.#options;
    if (command === "reload" && reload) return await reload(call);
    const dot = command.indexOf(".");
    if (dot < 0) return this.#answerAlone(command);
    const id = command.slice(dot + 1);
    const verb = command.slice(0, dot);
    switch (verb) {
      case "start":
      case "stop":
      case "restart":
        return await this.#logged(verb, id, call, () => this.#order(verb, id, call));
      case "why": {
        const { runner } = this.#service(id);
        const lines = typeof call.data.lines === "number" ? Math.floor(call.data.lines) : LINES_OF_WHY;
        const { lastLines, remoteValues } = this.#options;
        const remote = remoteValues?.(runner.row) ?? [];
        return whyReply(runner, { log: lastLines?.(id, lines) ?? [], remote }, this.#answerer);
      }
      case "release":
        return await this.#logged(verb, id, call, () => this.#release(id, call));
      default:
        throw unknownCommand(command);
    }
  }

  /** What is refused is told of too. */
  async #logged(verb: string, id: string, call: RpcCall, work: () => Promise<JsonObject>): Promise<JsonObject> {
    try {
      return await work();
    } catch (error) {
      this.#log.refused(id, verb, call, error);
      throw error;
    }
  }

  /** Another launcher takes a service over: it is stopped here and given away. */
  async #release(id: string, call: RpcCall): Promise<JsonObject> {
    const { runner } = this.#service(id);
    const refused = await this.#options.possession.release(runner, readSuccessor(call.data));
    this.#options.onDone?.();
    if (refused !== undefined) throw new ControlError(refused);
    this.#log.released(id, call);
    const { launcherId } = this.#answerer;
    return { launcher_id: launcherId, service_id: id, result: "released", timestamp: toWireTimestamp() };
  }

  #answerAlone(command: string): JsonObject {
    switch (command) {
      case "list":
        return this.#list();
      case "describe":
        return this.#describe();
      case "health":
        return this.#health();
      case "stats":
        return this.#stats();
      default:
        throw unknownCommand(command);
    }
  }

  async #order(kind: OrderKind, id: string, call: RpcCall): Promise<JsonObject> {
    const order = readOrder(kind, call);
    const outcome = await this.carryOut(id, order);
    return orderReply(this.#service(id).runner, order, outcome, this.#answerer);
  }

  /** Carries out an order for a service, whoever gives it. @throws ControlError when there is no such service */
  async carryOut(id: string, order: Order): Promise<Outcome> {
    const { conductor } = this.#service(id);
    this.#orders += 1;
    const outcome = await conductor.carryOut(order);
    this.#options.onDone?.();
    this.#log.order(id, order, outcome);
    return outcome;
  }

  #service(id: string) {
    const service = this.#services.get(id);
    if (service) return service;
    const near = nearest(id, this.#services.keys());
    throw new ControlError(`this launcher has no service "${id}"${near ? `; did you mean "${near}"?` : ""}`);
  }

  async #forward(runner: ServiceRunner, call: RpcCall): Promise<JsonObject> {
    const isQuestion = call.command === "health" || call.command === "stats";
    const began = performance.now();
    try {
      const answer = await this.#ask(runner, call);
      if (!isQuestion) this.#log.command(runner.id, call, performance.now() - began);
      return answer;
    } catch (error) {
      if (!isQuestion) this.#log.command(runner.id, call, performance.now() - began, error);
      throw error;
    }
  }

  async #ask(runner: ServiceRunner, { command, data }: RpcCall): Promise<JsonObject> {
    if (runner.pid === undefined) throw new ControlError(`${runner.id} is not running: ${standing(runner)}`);
    const answer = await runner.request(command, data);
    if (command !== "stats") return answer;
    // The service's own event loop does not know that it was restarted: its launcher does.
    return { ...answer, stats: { ...Object(answer.stats), ...countsOf(runner) } };
  }

  #list(): JsonObject {
    const { name } = this.#options;
    return {
      launcher_id: name.id,
      timestamp: toWireTimestamp(),
      name: name.monitorName,
      hostname: this.#answerer.hostname,
      terminate_delay_seconds: this.#options.fleet().launcher.terminateDelayMs / 1000,
      services: [...this.#services.values()].map(({ runner }) => listEntry(runner)),
    };
  }

  #describe(): JsonObject {
    const { file, name } = this.#options;
    const fleet = this.#options.fleet();
    return {
      launcher_id: name.id,
      timestamp: toWireTimestamp(),
      name: name.monitorName,
      hostname: this.#answerer.hostname,
      pid: process.pid,
      version: VERSION,
      started: toWireTimestamp(this.#startedAt),
      uptime_seconds: Math.round(process.uptime() * 10) / 10,
      config_file: file,
      ...(fleet.launcher.name === undefined ? {} : { part: fleet.launcher.name }),
      home: fleet.launcher.home,
      terminate_delay_seconds: fleet.launcher.terminateDelayMs / 1000,
      subject_prefix: fleet.subjectPrefix,
      services: this.#services.size,
      running: this.#count("running"),
      commands: COMMANDS,
    };
  }

  #health(): JsonObject {
    const runners = [...this.#services.values()].map(({ runner }) => runner);
    return {
      service_id: this.#options.name.monitorName,
      status: aggregateStatus(["ok", ...runners.filter((r) => !r.heldBy && !r.elsewhere).map((r) => r.status.status)]),
      timestamp: toWireTimestamp(),
      checks: Object.fromEntries(runners.filter((r) => !r.elsewhere).map(({ id, status }) => [id, status.status])),
    };
  }

  #stats(): JsonObject {
    const stories = [...this.#services.values()].map(({ runner }) => runner.events.story);
    const sum = (event: "start" | "crashed" | "restarting") =>
      stories.reduce((total, story) => total + story.count(event), 0);
    return {
      service_id: this.#options.name.monitorName,
      timestamp: toWireTimestamp(),
      uptime_seconds: Math.round(process.uptime() * 1000) / 1000,
      stats: {
        services: this.#services.size,
        running: this.#count("running"),
        starts: sum("start"),
        crashes: sum("crashed"),
        restarts: sum("restarting"),
        counters: { orders: this.#orders },
        memory_rss_bytes: process.memoryUsage.rss(),
      },
    };
  }

  #count(state: ServiceRunner["state"]): number {
    return [...this.#services.values()].filter(({ runner }) => runner.state === state).length;
  }
}

function unknownCommand(command: string): ControlError {
  return new ControlError(`a launcher has no command "${command.slice(0, 100)}"; it has ${COMMANDS.join(", ")}`);
}
