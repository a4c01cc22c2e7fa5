// The platforms an executable can be built for.
import { existsSync } from "node:fs";
import { UsageError } from "../common/errors.ts";

export const TARGETS = [
  "linux-x64",
  "linux-x64-baseline",
  "linux-x64-musl",
  "linux-arm64",
  "linux-arm64-musl",
] as const;
export type Target = (typeof TARGETS)[number];

/** Processor architectures, as Bun names them. */
export type Arch = "x64" | "arm64";

export function targetArch(target: Target): Arch {
  return target.startsWith("linux-arm64") ? "arm64" : "x64";
}

/** Musl systems lack glibc's loader: they can only run a statically linked nats-server. */
export function needsStaticBroker(target: Target): boolean {
  return target.endsWith("-musl");
}

/** @throws UsageError for a name that is no target */
export function parseTarget(name: string): Target {
  const target = TARGETS.find((known) => known === name);
  if (!target) throw new UsageError(`unknown target "${name}": expected one of ${TARGETS.join(", ")}`);
  return target;
}

/** The target of the machine that builds. @throws UsageError on a system that is not Linux on x64 or arm64 */
export function hostTarget(): Target {
  if (process.platform !== "linux" || (process.arch !== "x64" && process.arch !== "arm64")) {
    throw new UsageError(`tcs is built on Linux, x64 or arm64 (this is ${process.platform}, ${process.arch})`);
  }
  return parseTarget(`linux-${process.arch}${existsSync("/etc/alpine-release") ? "-musl" : ""}`);
}
