// Changing the configuration of a fleet that runs.
import { join } from "node:path";
import { runTcs, type TcsResult } from "./binary.ts";
import type { TestFleet } from "./fleet.ts";

/** Runs a command against the fleet's broker. */
export function askFleet(fleet: TestFleet, ...args: string[]): Promise<TcsResult> {
  return runTcs([...args, "--port", String(fleet.broker.port)], { cwd: "/" });
}

/** Writes the fleet's configuration anew, with its `nats:` part. */
export async function rewrite(fleet: TestFleet, yaml: string): Promise<void> {
  await Bun.write(join(fleet.folder.path, "services.yaml"), `nats:\n  port: ${fleet.broker.port}\n${yaml}`);
}

/** A launcher's answer to `reload`, as docs/reload.md has it; what matters in tests. */
export interface ReloadAnswer {
  code: number;
  stderr: string;
  result: string;
  done: boolean;
  ok: boolean;
  added: string[];
  removed: string[];
  changed: { service_id: string; keys: string[]; effect: string }[];
  unchanged: string[];
  notes: string[];
  warnings: string[];
  not_running: { service_id: string; state: string; reason: string }[];
  told: { service_id: string; result: string; keys: string[]; reason?: string }[];
  issues: string[];
  reason: string;
}

/** `tcs reload`, with the answer of the only launcher. */
export async function reload(fleet: TestFleet, ...args: string[]): Promise<ReloadAnswer> {
  const { code, stdout, stderr } = await askFleet(fleet, "reload", "--json", ...args);
  if (stdout === "") throw new Error(`tcs reload ended with code ${code}: ${stderr}`);
  return { code, stderr, ...JSON.parse(stdout).results[0] };
}

/** `rewrite`, then `reload`. */
export async function change(fleet: TestFleet, yaml: string, ...args: string[]): Promise<ReloadAnswer> {
  await rewrite(fleet, yaml);
  return await reload(fleet, ...args);
}

/** How many instances run: starts without an end. (What ends while it waits for its start was never there.) */
export async function instancesOf(fleet: TestFleet, id: string): Promise<number> {
  await fleet.wire.flush();
  let count = 0;
  for (const step of fleet.wire.story(id)) {
    if (step === "start") count += 1;
    else if (step === "stop" || step === "crashed") count = Math.max(0, count - 1);
  }
  return count;
}
