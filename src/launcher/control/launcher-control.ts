// A launcher's ears: answers requests to it, and hands requests to its services on to them.
import { hostname } from "node:os";
import type { JsonObject } from "../../common/json.ts";
import type { Logger, LogRecord } from "../../common/logger.ts";
import { nearest } from "../../common/nearest.ts";
import type { FleetConfig } from "../../config/types.ts";
import type { RpcCall, RpcServer } from "../../messaging/index.ts";
import { RequestError } from "../../messaging/rpc.ts";
import { toWireTimestamp } from "../../messaging/timestamp.ts";
import type { DesiredState } from "../desired-state.ts";
import type { LauncherName } from "../launcher-id.ts";
import { readSuccessor } from "../ownership/index.ts";
import type { Possession } from "../possession.ts";
import type { ServiceRunner } from "../service-runner.ts";
import { announceLauncher } from "./announcements.ts";
import { Conductor, type Outcome } from "./conductor.ts";
import { ControlLog } from "./control-log.ts";
import { type Order, type OrderKind, readOrder } from "./order.ts";
import { OWN_ANSWERS, type OwnStanding } from "./own-answers.ts";
import { type Answerer, orderReply, whyReply } from "./replies.ts";
import { ServiceAnswers } from "./service-answers.ts";

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

/** Lines of a service's log that go with the answer to `why`, when it is not said how many. */
const LINES_OF_WHY = 20;
const COMMANDS = [
  ...OWN_ANSWERS.keys(),
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
  readonly #answers: ServiceAnswers;
  readonly #startedAt = Date.now();
  readonly #log: ControlLog;
  #isClosing = false;
  #orders = 0;

  constructor(options: LauncherControlOptions) {
    this.#options = options;
    const { name, rpc } = options;
    this.#log = new ControlLog(options.logger);
    this.#answerer = { launcherId: name.id, hostname: hostname() };
    this.#answers = new ServiceAnswers({ rpc, log: this.#log, name, answerer: this.#answerer });
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
    this.#answers.attach(runner);
  }

  /** Answers for a service no more: another launcher does. */
  detach(runner: ServiceRunner): void {
    this.#answers.detach(runner);
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
    const own = OWN_ANSWERS.get(command);
    if (own) return own(this.#standing());
    const dot = command.indexOf(".");
    if (dot < 0) throw unknownCommand(command);
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
    if (refused !== undefined) throw new RequestError(refused);
    this.#log.released(id, call);
    const { launcherId } = this.#answerer;
    return { launcher_id: launcherId, service_id: id, result: "released", timestamp: toWireTimestamp() };
  }

  async #order(kind: OrderKind, id: string, call: RpcCall): Promise<JsonObject> {
    const order = readOrder(kind, call);
    // Before: by the end it may be removed from the configuration.
    const { runner } = this.#service(id);
    return orderReply(runner, order, await this.carryOut(id, order), this.#answerer);
  }

  /** Carries out an order for a service, whoever gives it. @throws RequestError when there is no such service */
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
    throw new RequestError(`this launcher has no service "${id}"${near ? `; did you mean "${near}"?` : ""}`);
  }

  #standing(): OwnStanding {
    const { fleet, file, name } = this.#options;
    return {
      name,
      hostname: this.#answerer.hostname,
      fleet: fleet(),
      file,
      runners: [...this.#services.values()].map(({ runner }) => runner),
      startedAt: this.#startedAt,
      orders: this.#orders,
      commands: COMMANDS,
    };
  }
}

function unknownCommand(command: string): RequestError {
  return new RequestError(`a launcher has no command "${command.slice(0, 100)}"; it has ${COMMANDS.join(", ")}`);
}
