// Which nats-server to run.
import { accessSync, constants } from "node:fs";
import { describeError, NotFoundError } from "../common/errors.ts";
import { ensureStateFolder } from "../common/paths.ts";
import { brokerAsset } from "./asset.ts";
import { extractBroker } from "./extract.ts";

/**
 * The path of an executable nats-server: the one `TCS_NATS_SERVER` names, else the embedded one (extracted to the
 * state folder on first use), else one on PATH.
 * @throws NotFoundError when there is none; StateFolderError when the embedded one cannot be extracted or executed
 */
export function brokerBinary(env: Record<string, string | undefined> = process.env): string {
  if (env.TCS_NATS_SERVER) return given(env.TCS_NATS_SERVER);
  if (brokerAsset.kind === "embedded") return extractBroker(brokerAsset, ensureStateFolder("bin"));
  if (brokerAsset.kind === "file") return brokerAsset.path;
  const installed = Bun.which("nats-server");
  if (installed) return installed;
  throw new NotFoundError("this build has no embedded broker", {
    hint: "give --host, or put nats-server on PATH, or set TCS_NATS_SERVER to one",
  });
}

function given(path: string): string {
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new NotFoundError(`TCS_NATS_SERVER: ${path} is not an executable file: ${describeError(cause)}`, {
      cause,
      hint: "leave it unset to use the broker inside tcs",
    });
  }
  return path;
}
