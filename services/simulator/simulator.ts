// A telescope that is only simulated: mount and dome, behind the subjects of an observatory's NATS bridge.
import {
  BaseBlockingPermanentService,
  BaseServiceConfig,
  BrokerUnreachableError,
  Status,
  service,
  TcsError,
} from "ocabox-tcs";
import { NoStreamError, ReadTimeoutError, toWireTimestamp } from "ocabox-tcs/messenger";
import { NoAnswerError, Observatory, ObservatoryError } from "ocabox-tcs/observatory";
import { z } from "zod";
import { SimulatedClock } from "./clock.ts";
import { advance, answer } from "./commands.ts";
import { LEAST_SLEW_RATE } from "./mount.ts";
import { Reporter } from "./reporter.ts";
import { SimulatedTelescope } from "./telescope.ts";

const degrees = z.number().min(0).max(360);

export const Config = BaseServiceConfig.extend({
  /** Name of the telescope, as `sim`; empty: the variant. */
  telescope: z.string().default(""),
  /** Degrees, north is positive. */
  latitude: z.number().min(-90).max(90).default(-24.598),
  /** Degrees, east is positive. */
  longitude: z.number().min(-180).max(180).default(-70.196),
  /** Metres. */
  elevation: z.number().default(2817),
  /** When the simulation begins, as 2026-11-21T00:00:00Z; empty: now. */
  start_time: z.union([z.literal(""), z.iso.datetime()]).default(""),
  /** Simulated seconds in a second; 0: time goes on only by `simulator.advance`. */
  time_factor: z.number().min(0).max(10_000).default(1),
  /** Degrees a second, of each axis of the mount. */
  slew_rate: z.number().min(LEAST_SLEW_RATE).default(3),
  /** Degrees: lower the mount does not go. */
  min_altitude: z.number().min(0).max(80).default(15),
  park_azimuth: degrees.default(180),
  park_altitude: z.number().min(0).max(90).default(45),
  /** Degrees a second. */
  dome_speed: z.number().positive().default(3),
  dome_park_azimuth: degrees.default(0),
  /** Seconds. */
  shutter_time: z.number().positive().default(30),
  /** Seconds between two reports of what has changed. */
  publish_interval: z.number().positive().default(1),
  /** Publish a configuration of the observatory with this telescope at the start, unless there is one. */
  publish_config: z.boolean().default(false),
  obs_config_stream: z.string().default("tic.config.observatory"),
  rpc_prefix: z.string().default("tic.rpc"),
  command_prefix: z.string().default("tic.command"),
});

/** How often the model is brought up to date when nobody asks, seconds. */
const TICK_S = 0.1;

@service({ type: "simulator", config: Config })
export class Simulator extends BaseBlockingPermanentService<typeof Config> {
  readonly #name = this.config.telescope || this.config.variant;
  readonly #clock = new SimulatedClock(
    this.config.start_time ? Date.parse(this.config.start_time) : Date.now(),
    this.config.time_factor,
  );
  readonly #telescope = this.#made();
  readonly #reporter = new Reporter(this.messenger, this.#name, this.#telescope);

  override async runService() {
    if (!(await this.#isAlone())) return;
    if (this.config.publish_config) await this.#publishConfig();
    const { rpc_prefix, command_prefix, publish_interval } = this.config;
    this.messenger.getRpcResponder(`${rpc_prefix}.${this.#name}.*.*`, {}, ({ data, meta }) => ({
      ...this.#answer(meta.nats.subject, data),
      ts: toWireTimestamp(),
    }));
    this.messenger.getCoreSubscriber(`${command_prefix}.${this.#name}.*.*`, {}, ({ data, meta }) =>
      this.#obey(meta.nats.subject, data),
    );
    this.logger.info(`${this.#name}: simulated time is ${new Date(this.#clock.timeMs).toISOString()}`);
    let nextReportMs = 0;
    while (this.isRunning) {
      this.#catchUp();
      if (performance.now() >= nextReportMs) {
        this.#reporter.report();
        nextReportMs = performance.now() + publish_interval * 1000;
      }
      const { stoppedBy } = this.#telescope.mount;
      this.monitor.setStatus(stoppedBy ? Status.WARNING : Status.OK, stoppedBy && `tracking has stopped: ${stoppedBy}`);
      await this.sleep(Math.min(TICK_S, publish_interval));
    }
  }

  #made(): SimulatedTelescope {
    const { config } = this;
    const park = { az: config.park_azimuth, alt: config.park_altitude };
    const { latitude, slew_rate: slewRate, min_altitude: minAltitude } = config;
    const dome = {
      speed: config.dome_speed,
      parkAzimuth: config.dome_park_azimuth,
      shutterTime: config.shutter_time,
    };
    const settings = { longitude: config.longitude, mount: { latitude, slewRate, minAltitude, park }, dome };
    return new SimulatedTelescope(settings, this.#clock.timeMs);
  }

  /** Never beside a telescope, or a bridge to one: two would answer. @returns false when it was stopped meanwhile */
  async #isAlone(): Promise<boolean> {
    const { rpc_prefix } = this.config;
    const { mount } = new Observatory(this.messenger, { rpcPrefix: rpc_prefix }).telescope(this.#name);
    while (this.isRunning) {
      const error = await mount.azimuth.get({ timeoutMs: 1_000 }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error instanceof NoAnswerError && error.isNobody) return true;
      if (!(error instanceof BrokerUnreachableError)) throw this.#notAlone(error);
      this.monitor.setStatus(Status.DEGRADED, "waiting for the broker");
      await this.sleep(1);
    }
    return false;
  }

  /** @param error what came of asking; undefined: an answer */
  #notAlone(error: unknown): unknown {
    const isAnswered = error === undefined || (error instanceof ObservatoryError && error.code !== "E_OBSERVATORY");
    // It could not even be asked, as without permission.
    if (!isAnswered) return error;
    const where = `${this.config.rpc_prefix}.${this.#name}`;
    return new TcsError(`somebody answers on ${where} already: a telescope, a bridge or a simulator`, {
      hint: 'give it another name, by "telescope" or its variant',
    });
  }

  #answer(subject: string, data: unknown) {
    const [component = "", command = ""] = subject.split(".").slice(-2);
    this.#catchUp();
    if (component === "simulator" && command === "advance") return advance(data, (s) => this.#putForward(s));
    return answer(this.#telescope, [component, command], data, "GET");
  }

  #putForward(seconds: number): string {
    this.#clock.putForward(seconds * 1000);
    this.#catchUp();
    return new Date(this.#telescope.timeMs).toISOString();
  }

  #obey(subject: string, data: unknown) {
    const [component = "", command = ""] = subject.split(".").slice(-2);
    this.#catchUp();
    const outcome = answer(this.#telescope, [component, command], data, "PUT");
    if (outcome.status === "error") this.logger.warning(`${component}.${command}: ${outcome.message}`);
  }

  #catchUp(): void {
    this.#telescope.advanceTo(this.#clock.timeMs);
  }

  async #publishConfig(): Promise<void> {
    const { latitude: lat, longitude: lon, elevation: elev, obs_config_stream } = this.config;
    if (await this.#hasConfig()) {
      this.logger.warning(`there is a configuration on ${obs_config_stream} already: it is left as it is`);
      return;
    }
    // For the dome: no offset between the mount and the dome's centre is to be taken account of.
    const components = { mount: { type: "altaz" }, dome: {} };
    const { stored } = await this.messenger.singlePublish(obs_config_stream, {
      config: {
        site: { global: { geo_location: { lat, lon, elev } } },
        telescopes: { [this.#name]: { observatory: { components } } },
      },
    });
    if (!stored) this.logger.warning(`no stream stores ${obs_config_stream}: the configuration will not be found`);
  }

  async #hasConfig(): Promise<boolean> {
    try {
      await this.messenger.singleRead(this.config.obs_config_stream, { timeoutMs: 0 });
      return true;
    } catch (error) {
      // No message, or no stream that could have one.
      if (error instanceof ReadTimeoutError || error instanceof NoStreamError) return false;
      throw error;
    }
  }
}
