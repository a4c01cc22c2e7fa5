// This program itself: which it is, and whether the broker that it carries is whole where it was put.
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brokerAsset } from "../../broker/asset.ts";
import { brokerPath } from "../../broker/extract.ts";
import { brokerFolder, findRunningBroker } from "../../broker/record.ts";
import { describeError } from "../../common/errors.ts";
import { sha256 } from "../../common/extract-file.ts";
import { stateFolder } from "../../common/paths.ts";
import { VERSION } from "../../common/version.ts";
import type { HostContext } from "../check.ts";
import { error, type Finding, ok } from "../finding.ts";

export async function checkProgram({ env, broker }: HostContext): Promise<Finding[]> {
  const findings = [given(env.TCS_NATS_SERVER) ?? embedded(env)];
  const own = findRunningBroker(brokerFolder(env));
  const servers = "settings" in broker ? broker.settings.servers : [];
  if (own && !servers.some((server) => portOf(server) === own.port)) {
    findings.push(ok(`this user's own broker runs at ${own.url} (pid ${own.pid}); it is not the one looked at`));
  }
  return findings;
}

function given(path: string | undefined): Finding | undefined {
  if (!path) return undefined;
  try {
    accessSync(path, constants.X_OK);
    return ok(`tcs ${VERSION}, its broker is ${path} (TCS_NATS_SERVER)`);
  } catch (cause) {
    const text = `TCS_NATS_SERVER names ${path}, which cannot be executed: ${describeError(cause)}`;
    return error(text, "name a nats-server, or unset it: tcs has one inside");
  }
}

function embedded(env: HostContext["env"]): Finding {
  if (brokerAsset.kind !== "embedded") {
    const from = brokerAsset.kind === "file" ? brokerAsset.path : (Bun.which("nats-server") ?? "none");
    return ok(`tcs ${VERSION}, no broker inside; nats-server: ${from}`);
  }
  const head = `tcs ${VERSION}, nats-server ${brokerAsset.version} inside`;
  const path = brokerPath(brokerAsset, join(stateFolder(env), "bin"));
  if (!existsSync(path)) return ok(`${head}, not needed yet`);
  const again = `rm ${path}: the next start puts it there anew`;
  try {
    if (sha256(readFileSync(path)) !== brokerAsset.sha256) return error(`the broker ${path} is damaged`, again);
    accessSync(path, constants.X_OK);
    return ok(`${head}, whole`);
  } catch (cause) {
    return error(
      `the broker ${path} cannot be executed: ${describeError(cause)}`,
      "set TCS_STATE_DIR to a folder you can run programs from, or TCS_NATS_SERVER to a nats-server",
    );
  }
}

function portOf(server: string): number {
  return Number(/:(\d+)$/.exec(server)?.[1]);
}
