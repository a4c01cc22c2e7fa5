// Answers for a service that answers for itself while it runs.
import type { JsonObject } from "../../common/json.ts";
import type { RpcCall, RpcServer } from "../../messaging/index.ts";
import type { ServiceRunner } from "../service-runner.ts";

/** What systemd runs answers for itself, also without its launcher; somebody must say that it does not run. @returns ends that */
export function answerWhileDown(
  runner: ServiceRunner,
  rpc: RpcServer,
  answer: (call: RpcCall) => Promise<JsonObject>,
): () => void {
  let end: (() => void) | undefined;
  const follow = () => {
    const isDown = runner.pid === undefined;
    if (isDown) end ??= rpc.serve(runner.id, answer);
    else {
      end?.();
      end = undefined;
    }
  };
  follow();
  const unfollow = runner.onState(follow);
  return () => {
    unfollow();
    end?.();
  };
}
