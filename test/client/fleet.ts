// A synthetic fleet on the wire: messages as launchers and services would send them, at chosen times.
import type { WireMessage } from "../../src/client/facts.ts";
import { foldSnapshot } from "../../src/client/fold.ts";
import type { ServiceInfo } from "../../src/client/service-info.ts";
import type { JsonObject } from "../../src/common/json.ts";
import type { RegistryEvent } from "../../src/messaging/subjects.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";

export const NOW = Date.UTC(2026, 10, 20, 22, 0, 0);
export const LAUNCHER = "launcher.test.vm";

/** Writes messages; times are seconds before NOW (negative: after). Arrival is the time given unless said otherwise. */
export class FakeFleet {
  readonly registry: WireMessage[] = [];
  readonly statuses: WireMessage[] = [];
  readonly heartbeats: WireMessage[] = [];
  readonly prefix: string;
  #seq = 0;

  constructor(prefix = "svc") {
    this.prefix = prefix;
  }

  event(id: string, event: RegistryEvent, ago: number, data: JsonObject = {}): this {
    const full = { event, service_id: id, parent: LAUNCHER, runner_id: `test.vm.${id}`, ...data };
    this.registry.push(this.#message(`registry.${event}.${id}`, ago, full));
    return this;
  }
  status(id: string, status: string, ago: number, data: JsonObject = {}): this {
    this.statuses.push(this.#message(`status.${id}`, ago, { name: id, status, pid: 42, hostname: "vm", ...data }));
    return this;
  }
  heartbeat(id: string, ago: number, data: JsonObject = {}): this {
    this.heartbeats.push(this.#message(`heartbeat.${id}`, ago, { service_id: id, status: "ok", ...data }));
    return this;
  }

  /** A launcher up for an hour, beating. */
  launcher(id = LAUNCHER, beatAgo = 2): this {
    return this.status(id, "ok", 3_600, { message: "Launcher running" }).heartbeat(id, beatAgo);
  }
  /** A service declared and started `ago` seconds before, ok since, beating. */
  healthy(id: string, ago = 3_600, beatAgo = 3): this {
    return this.event(id, "declared", ago + 1, { restart_policy: "always" })
      .event(id, "start", ago, { status: "startup", hostname: "vm", pid: 42 })
      .status(id, "ok", ago - 1, { message: "Service running", parent: LAUNCHER })
      .heartbeat(id, beatAgo);
  }

  /** All messages, in the order they were sent. */
  get messages(): WireMessage[] {
    return [...this.registry, ...this.statuses, ...this.heartbeats].sort((a, b) => a.seq - b.seq);
  }

  fold(now = NOW) {
    const lastOfEach = (messages: WireMessage[]) => [...new Map(messages.map((m) => [m.subject, m])).values()];
    return foldSnapshot(
      {
        registry: lastOfEach(this.registry).sort((a, b) => a.seq - b.seq),
        status: lastOfEach(this.statuses),
        heartbeat: lastOfEach(this.heartbeats),
      },
      now,
      this.prefix,
    );
  }
  /** What is known of one id. */
  info(id: string, now = NOW): ServiceInfo {
    const found = this.fold(now).services.find(({ serviceId }) => serviceId === id);
    if (!found) throw new Error(`${id} is not in the fold`);
    return found;
  }

  #message(subject: string, ago: number, data: JsonObject): WireMessage {
    const time = NOW - ago * 1000;
    return {
      subject: `${this.prefix}.${subject}`,
      data: { timestamp: toWireTimestamp(time), ...data },
      seq: ++this.#seq,
      time,
    };
  }
}
