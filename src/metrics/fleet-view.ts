// What is told to Prometheus, read from the broker when it asks: once for all who ask within two seconds.
import { type ReachedLauncher, reachLaunchers, ServiceControlClient, type ServiceInfo } from "../client/index.ts";
import type { Messenger } from "../messaging/index.ts";

export interface FleetView {
  isBrokerUp: boolean;
  /** Services and launchers that run, or should. */
  infos: ServiceInfo[];
  launchers: ReachedLauncher[];
  /** Messages that could not be read. */
  unreadable: number;
  readMs: number;
}

export interface FleetReaderOptions {
  messenger: Pick<Messenger, "connection" | "state">;
  subjectPrefix: string;
  /** Only this launcher and its services: its monitor's name. */
  launcher?: string | undefined;
}

const CACHE_MS = 2_000;
/** Prometheus gives up after 10 s by default. */
const READ_LIMIT_MS = 4_000;

export class FleetReader {
  readonly #options: FleetReaderOptions;
  #latest: { at: number; view: Promise<FleetView> } | undefined;

  constructor(options: FleetReaderOptions) {
    this.#options = options;
  }

  /** The fleet as of now, or of two seconds ago. Never rejects: what cannot be read is missing. */
  view(): Promise<FleetView> {
    const now = performance.now();
    if (!this.#latest || now - this.#latest.at > CACHE_MS) this.#latest = { at: now, view: this.#read(now) };
    return this.#latest.view;
  }

  async #read(beganAt: number): Promise<FleetView> {
    const nothing = { isBrokerUp: false, infos: [], launchers: [], unreadable: 0 };
    const { messenger, subjectPrefix, launcher } = this.#options;
    const { connection, state } = messenger;
    if (!connection || state !== "connected") return { ...nothing, readMs: 0 };
    try {
      const client = new ServiceControlClient(connection, { subjectPrefix, limitMs: READ_LIMIT_MS });
      const fleet = await client.readFleet();
      const services = fleet.services.filter(
        ({ serviceId, parent }) => launcher === undefined || serviceId === launcher || parent === launcher,
      );
      const launchers = await reachLaunchers(connection, services, subjectPrefix);
      return {
        isBrokerUp: fleet.streams.some(({ fault }) => fault === undefined),
        infos: services.filter((info) => info.current || (info.declared && !info.removed)),
        launchers,
        unreadable: fleet.streams.reduce((sum, { bad }) => sum + bad, fleet.counts.junk),
        readMs: performance.now() - beganAt,
      };
    } catch {
      // The connection was lost meanwhile: as if it had not been there.
      return { ...nothing, readMs: performance.now() - beganAt };
    }
  }
}
