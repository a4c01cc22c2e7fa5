// Requests to the services of a launcher, at their own subjects: handed on to those that run, answered for those that do not.
import type { JsonObject } from "../../common/json.ts";
import type { RpcCall, RpcServer } from "../../messaging/index.ts";
import { RequestError } from "../../messaging/rpc.ts";
import { EXEC_COMMANDS } from "../homes/exec.ts";
import type { LauncherName } from "../launcher-id.ts";
import type { ServiceRunner } from "../service-runner.ts";
import { announceService } from "./announcements.ts";
import { answerWhileDown } from "./answer-while-down.ts";
import type { ControlLog } from "./control-log.ts";
import { standing } from "./life-word.ts";
import { type Answerer, countsOf } from "./replies.ts";

export interface ServiceAnswersOptions {
  rpc: RpcServer;
  log: ControlLog;
  name: LauncherName;
  answerer: Answerer;
}

export class ServiceAnswers {
  readonly #options: ServiceAnswersOptions;
  /** Ends the answers for a service, by id: only its owner answers for it. */
  readonly #ends = new Map<string, () => void>();

  constructor(options: ServiceAnswersOptions) {
    this.#options = options;
  }

  /** Begins to answer for a service. */
  attach(runner: ServiceRunner): void {
    this.detach(runner);
    this.#ends.set(runner.id, this.#answerFor(runner));
  }

  /** Answers for a service no more: another launcher does. */
  detach({ id }: ServiceRunner): void {
    this.#ends.get(id)?.();
    this.#ends.delete(id);
  }

  #answerFor(runner: ServiceRunner): () => void {
    const { rpc, answerer, name } = this.#options;
    const answer = (call: RpcCall) => this.#forward(runner, call);
    if (runner.row.home === "systemd") return answerWhileDown(runner, rpc, answer);
    // Whatever else a foreign program may be asked, it answers itself.
    const ends =
      runner.row.home === "exec"
        ? EXEC_COMMANDS.map((only) => rpc.serve(runner.id, answer, { only }))
        : [rpc.serve(runner.id, answer)];
    ends.push(rpc.announce(runner.id, announceService(runner, answerer, name)));
    return () => {
      for (const end of ends) end();
    };
  }

  async #forward(runner: ServiceRunner, call: RpcCall): Promise<JsonObject> {
    const { log } = this.#options;
    const isQuestion = call.command === "health" || call.command === "stats";
    const began = performance.now();
    try {
      const answer = await ask(runner, call);
      if (!isQuestion) log.command(runner.id, call, performance.now() - began);
      return answer;
    } catch (error) {
      if (!isQuestion) log.command(runner.id, call, performance.now() - began, error);
      throw error;
    }
  }
}

async function ask(runner: ServiceRunner, { command, data }: RpcCall): Promise<JsonObject> {
  if (runner.pid === undefined) throw new RequestError(`${runner.id} is not running: ${standing(runner)}`);
  const answer = await runner.request(command, data);
  if (command !== "stats") return answer;
  // The service's own event loop does not know that it was restarted: its launcher does.
  return { ...answer, stats: { ...Object(answer.stats), ...countsOf(runner) } };
}
