// What `tcs status` says of a fleet under test.
import { runTcs } from "../support/binary.ts";
import type { TestBroker } from "../support/nats.ts";

export interface Shown {
  service_id: string;
  kind: string;
  status: string;
  health: string;
  reason: string;
  running: boolean;
  removed: boolean;
  restart_count?: number;
  restart_attempt?: number;
  crash_exit_code?: number;
  stop_reason?: string;
}

/** The services that `tcs status` shows (launchers left out), and its exit code with --check. */
export async function shownOf(broker: TestBroker, ...args: string[]): Promise<{ code: number; services: Shown[] }> {
  const { code, stdout } = await runTcs(["status", "--json", "--check", "--port", String(broker.port), ...args]);
  const services: Shown[] = JSON.parse(stdout).services;
  return { code, services: services.filter(({ kind }) => kind !== "launcher") };
}
