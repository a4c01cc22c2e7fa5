// The build's stand-in for src/broker/asset.ts: the same export, with the nats-server embedded.
import { join } from "node:path";
import type { BunPlugin } from "bun";
import type { BrokerAsset } from "../broker/asset.ts";
import type { FetchedBroker } from "./fetch-broker.ts";
import { replaceModule } from "./replace-module.ts";

const ASSET_MODULE = join(import.meta.dir, "../broker/asset.ts");

/** A bundler plugin that embeds `broker`; with none, the executable says at run time that it has no broker. */
export function embedBroker(broker: FetchedBroker | undefined): BunPlugin {
  return replaceModule(ASSET_MODULE, assetModule(broker));
}

function assetModule(broker: FetchedBroker | undefined): string {
  if (!broker) return `export const brokerAsset = ${JSON.stringify({ kind: "none" } satisfies BrokerAsset)};`;
  const { sha256, size, version } = broker;
  return [
    `import path from ${JSON.stringify(broker.path)} with { type: "file" };`,
    `export const brokerAsset = { kind: "embedded", path, ...${JSON.stringify({ sha256, size, version })} };`,
  ].join("\n");
}
