// A fleet that does things at random, the same again for the same seed: launchers and services that start, speak, beat,
// crash, are stopped, moved and forgotten; some with clocks that are wrong, some with parents that make no sense.
import type { WireMessage } from "../../src/client/facts.ts";
import type { JsonObject } from "../../src/common/json.ts";
import { REGISTRY_EVENTS } from "../../src/messaging/subjects.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { Status } from "../../src/monitoring/status.ts";

const LAUNCHERS = ["launcher.one.vm", "launcher.two.vm", "launcher.three.vm"];
const SERVICES = ["a.a", "a.b", "b.a", "c.c.c", "part.of.a"];
const PARENTS = [...LAUNCHERS, ...LAUNCHERS, ...LAUNCHERS, "a.a", "part.of.a", "nobody.knows"];

export class RandomFleet {
  readonly #seqs = { registry: 0, status: 0, heartbeat: 0 };
  #random: number;
  /** Milliseconds since the epoch. */
  now: number;

  constructor(seed: number, now: number) {
    this.#random = seed;
    this.now = now;
  }

  /** Time passes: mostly a little, at times hours. */
  pass(): void {
    this.now += this.#one([10, 500, 4_000, 9_000, 20_000, 29_999, 40_000, 90_000, 3_600_000, 13 * 3_600_000]);
  }

  message(): WireMessage {
    const id = this.#one([...LAUNCHERS, ...SERVICES]);
    const stream = this.#one(["registry", "registry", "status", "heartbeat", "heartbeat", "heartbeat"] as const);
    if (stream === "registry" && LAUNCHERS.includes(id)) return this.message();
    if (stream === "registry") {
      const event = this.#one(REGISTRY_EVENTS);
      return this.#message(stream, `${event}.${id}`, { event, ...this.#registry() });
    }
    if (stream === "status") {
      const parent = this.#perhaps(0.6) && !LAUNCHERS.includes(id) ? { parent: this.#one(PARENTS) } : {};
      return this.#message(stream, id, { status: this.#one(Object.values(Status)), message: "so it is", ...parent });
    }
    const uptime = this.#perhaps(0.7) ? { uptime_seconds: this.#one([0, 5, 50, 5_000]) } : {};
    return this.#message(stream, id, { status: this.#one(["ok", "busy", "startup"]), ...uptime });
  }

  #registry(): JsonObject {
    return {
      ...(this.#perhaps(0.9) ? { parent: this.#one(PARENTS) } : {}),
      ...(this.#perhaps(0.3) ? { will_restart: this.#perhaps(0.5), exit_code: this.#one([0, 1, -9]) } : {}),
      ...(this.#perhaps(0.1) ? { target: "stopped", set_by: "ann@vm", set_at: toWireTimestamp(this.now) } : {}),
      ...(this.#perhaps(0.1) ? { removed_by: "ann@vm" } : {}),
      ...(this.#perhaps(0.1) ? { schedule: "every 30 s" } : {}),
      ...(this.#perhaps(0.3) ? { restart_attempt: 2, max_restarts: 5 } : {}),
    };
  }

  #message(stream: "registry" | "status" | "heartbeat", subject: string, data: JsonObject): WireMessage {
    this.#seqs[stream] += 1;
    // Some clocks are wrong, and some messages old before they arrive.
    const skew = this.#perhaps(0.1) ? this.#one([-3_600_000, -40_000, 4_000, 3_600_000]) : 0;
    return {
      subject: `svc.${stream}.${subject}`,
      data: { timestamp: toWireTimestamp(this.now + skew), ...data },
      seq: this.#seqs[stream],
      time: this.now,
    };
  }

  #perhaps(share: number): boolean {
    return this.#next() < share;
  }
  #one<T>(choices: readonly T[]): T {
    // The index is within the list.
    return choices[Math.floor(this.#next() * choices.length)] as T;
  }
  /** mulberry32 */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}
