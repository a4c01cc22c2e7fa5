// A broker with the accounts and roles of config/nats, and who may connect to it.
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { startNats, type TestBroker } from "./nats.ts";

export const NATS_SAMPLES = join(import.meta.dir, "../../config/nats");
export type Role = "viewer" | "operator" | "launcher" | "camera";

const ENV = {
  VIEWER_PASSWORD: "viewer-pw",
  OPERATOR_PASSWORD: "operator-pw",
  LAUNCHER_PASSWORD: "launcher-pw",
  CAMERA_PASSWORD: "camera-pw",
  ADMIN_PASSWORD: "admin-pw",
};

/** @param config what stands before the accounts, as a tls part */
export async function startSecuredNats(config = ""): Promise<TestBroker> {
  const sample = (name: string) => Bun.file(join(NATS_SAMPLES, name)).text();
  return await startNats({
    config: `${config}\ninclude "accounts.conf"\n`,
    files: { "accounts.conf": await sample("accounts.conf"), "roles.conf": await sample("roles.conf") },
    env: ENV,
  });
}

/** The environment of a program that connects as `role`. */
export function envOf(role: Role): Record<string, string> {
  return { NATS_USER: role, NATS_PASSWORD: `${role}-pw`, NATS_INBOX_PREFIX: `_INBOX_${role}` };
}

/** The test's own connection as `role`. */
export async function connectAs(role: Role, broker: TestBroker): Promise<NatsConnection> {
  return await connect({ servers: broker.url, user: role, pass: `${role}-pw`, inboxPrefix: `_INBOX_${role}` });
}
