// Keeps the slit of a dome on the telescope's azimuth, and tells when it lags behind.
import { BrokerUnreachableError, Status, service } from "ocabox-tcs";
import {
  BaseOcaBoxService,
  ObservatoryError,
  OcaBoxServiceConfig,
  RefusedError,
  shortestTurn,
  wrap360,
} from "ocabox-tcs/observatory";
import { z } from "zod";

export const Config = OcaBoxServiceConfig.extend({
  /** The telescope, as zb08; empty: the variant. */
  telescope: z.string().default(""),
  /** Seconds between two looks. */
  interval: z.number().positive().default(1),
  /** Degrees that the slit may be off before the dome is turned. */
  follow_tolerance: z.number().positive().default(2),
  /** Degrees and seconds: off by more for longer, the dome lags. */
  lag_tolerance: z.number().positive().default(5),
  lag_time: z.number().min(0).default(60),
  /** A dome that turns is sent elsewhere when the telescope has a new target: off by more than the lag tolerance. */
  redirect: z.boolean().default(true),
  /** Follow from the start; otherwise from the first "on". */
  turn_on_automatically: z.boolean().default(true),
});

@service({ type: "examples.dome_follower", config: Config })
export class DomeFollower extends BaseOcaBoxService<typeof Config> {
  readonly #telescope = this.telescope(this.config.telescope || this.config.variant);
  #isOn = this.config.turn_on_automatically;
  #looks = 0;
  #turns = 0;
  /** Degrees from the slit to the telescope's azimuth, at the last look. */
  #offset: number | undefined;
  /** Where the dome is turning to, on our order; undefined when it stands, or turns on another's. */
  #goal: number | undefined;
  /** Since when it has been off by more than the lag tolerance, milliseconds. */
  #offSinceMs: number | undefined;

  override onStart() {
    const subject = `${this.config.rpc_prefix}.${this.#telescope.name}.dome.follower`;
    this.messenger.getRpcResponder(`${subject}.on`, {}, () => this.#switch(true));
    this.messenger.getRpcResponder(`${subject}.off`, {}, () => this.#switch(false));
    this.messenger.getRpcResponder(`${subject}.state`, {}, () => this.#state());
    this.monitor.addMetricCb(() => ({ looks: this.#looks, turns: this.#turns, slit_offset: this.#offset ?? null }));
  }

  override async runService() {
    while (this.isRunning) {
      if (this.#isOn) await this.#tryLook();
      else this.monitor.setStatus(Status.IDLE, "turned off");
      await this.sleep(this.config.interval);
    }
  }

  /** A telescope that does not answer, or says no, is told and asked again: only other errors end the service. */
  async #tryLook() {
    try {
      await this.#look();
      this.#looks++;
    } catch (error) {
      if (!(error instanceof ObservatoryError || error instanceof BrokerUnreachableError)) throw error;
      this.#offset = undefined;
      this.monitor.setStatus(Status.DEGRADED, error.message);
    }
  }

  async #look() {
    const { mount, dome } = this.#telescope;
    const [isParked, isMountSlewing, isDomeTurning] = await Promise.all([
      mount.atPark.get(),
      mount.slewing.get(),
      dome.slewing.get(),
    ]);
    const [target, slit] = await Promise.all([mount.azimuth.get(), dome.azimuth.get()]);
    this.#offset = shortestTurn(slit, target);
    this.#judge(this.#offset, isParked || isMountSlewing);
    if (!isDomeTurning) this.#goal = undefined;
    if (isParked || isMountSlewing || !this.#isToTurn(slit, target, isDomeTurning)) return;
    this.logger.debug(`the dome turns from ${slit.toFixed(1)}° to ${target.toFixed(1)}°`);
    // Without an answer nobody knows where it goes: then it is left alone until it stands.
    this.#goal = undefined;
    try {
      await dome.slewToAzimuth(wrap360(target));
    } catch (error) {
      if (!(isDomeTurning && error instanceof RefusedError)) throw error;
      this.logger.info(`the dome goes on to where it was sent before: ${error.message}`);
      return;
    }
    this.#goal = target;
    this.#turns++;
  }

  /** Standing, it is off by too much; turning, it is our turn, and to where the telescope is no more. */
  #isToTurn(slit: number, target: number, isDomeTurning: boolean) {
    const { follow_tolerance, lag_tolerance, redirect } = this.config;
    if (!isDomeTurning) return Math.abs(shortestTurn(slit, target)) > follow_tolerance;
    return redirect && this.#goal !== undefined && Math.abs(shortestTurn(this.#goal, target)) > lag_tolerance;
  }

  #judge(offset: number, isFree: boolean) {
    const { lag_tolerance, lag_time } = this.config;
    if (isFree || Math.abs(offset) <= lag_tolerance) {
      this.#offSinceMs = undefined;
      this.monitor.setStatus(Status.OK, isFree ? "the mount is parked or slewing" : "the slit is on the telescope");
      return;
    }
    const now = performance.now();
    this.#offSinceMs ??= now;
    const isLagging = now - this.#offSinceMs >= lag_time * 1000;
    if (isLagging) this.monitor.setStatus(Status.DEGRADED, `the slit lags behind by more than ${lag_tolerance}°`);
    else this.monitor.setStatus(Status.OK, "the dome is on its way");
  }

  #switch(isOn: boolean) {
    this.#isOn = isOn;
    this.#offSinceMs = undefined;
    return this.#state();
  }

  #state() {
    const { name } = this.#telescope;
    return { status: "ok", telescope: name, follow_on: this.#isOn, slit_offset: this.#offset, looks: this.#looks };
  }
}
