// The nats-server that belongs to this tcs. The build replaces this module by one that embeds the file
// (src/build/asset-module.ts); what stands here serves a tcs run from source.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where this tcs has its nats-server from. */
export type BrokerAsset =
  /** Inside the executable; to be extracted before use. */
  | { kind: "embedded"; path: string; sha256: string; size: number; version: string }
  /** Fetched by `npm run build` for use from source. */
  | { kind: "file"; path: string }
  | { kind: "none" };

const fetched = join(import.meta.dir, "../../.cache/broker", `linux-${process.arch}`, "nats-server");

export const brokerAsset: BrokerAsset = existsSync(fetched) ? { kind: "file", path: fetched } : { kind: "none" };
