// The build's stand-in for src/broker/asset.ts: the same export, with the nats-server embedded.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";
import type { BrokerAsset } from "../broker/asset.ts";
import type { FetchedBroker } from "./fetch-broker.ts";
import { replaceModule, replaceWithFile } from "./replace-module.ts";

const ASSET_MODULE = join(import.meta.dir, "../broker/asset.ts");

/** A bundler plugin that embeds `broker`; with none, the executable says at run time that it has no broker. */
export function embedBroker(broker: FetchedBroker | undefined): BunPlugin {
  if (!broker) {
    const none = { kind: "none" } satisfies BrokerAsset;
    return replaceModule(ASSET_MODULE, `export const brokerAsset = ${JSON.stringify(none)};`);
  }
  const { path, sha256, size, version } = broker;
  const about = JSON.stringify({ sha256, size, version });
  const contents = `export const brokerAsset = { kind: "embedded", path, ...${about} };`;
  return replaceWithFile(ASSET_MODULE, contents, "nats-server", readFileSync(path));
}
