// For tests with the simulator and the dome follower as processes of the executable: a fleet, a telescope, time put forward.
import { z } from "zod";
import { Messenger } from "../../src/messenger/index.ts";
import { Observatory, type Telescope } from "../../src/observatory/index.ts";
import { runFleet, type TestFleet } from "../support/fleet.ts";
import { waitFor } from "../support/wait.ts";

export interface SimulatedNight extends AsyncDisposable {
  readonly fleet: TestFleet;
  readonly messenger: Messenger;
  readonly telescope: Telescope;
  /** Puts the simulated time forward. */
  advance(seconds: number): Promise<void>;
  /** Waits until the dome follower has looked at all that is now: at least one look has begun and ended since. */
  looked(): Promise<void>;
  /** What the dome follower tells of itself. */
  state(): Promise<z.output<typeof State>>;
}

const State = z.object({
  follow_on: z.boolean(),
  looks: z.number(),
  slit_offset: z.number().optional(),
  telescope: z.string(),
});

export interface NightOptions {
  /** Fields of the simulator's row. */
  simulator?: Record<string, unknown>;
  /** Fields of the follower's row; undefined: there is none. */
  follower?: Record<string, unknown>;
}

/** The simulator, and the follower if asked for, each as a process: time stands still unless it is put forward. */
export async function openNight({ simulator = {}, follower }: NightOptions = {}): Promise<SimulatedNight> {
  const stack = new AsyncDisposableStack();
  try {
    const base = { variant: "sim", launcher: "process", restart: "no" };
    const time = { time_factor: 0, start_time: "2026-11-21T00:00:00Z" };
    const rows: unknown[] = [{ type: "simulator", ...base, ...time, publish_interval: 0.05, ...simulator }];
    if (follower) rows.push({ type: "examples.dome_follower", ...base, interval: 0.01, ...follower });
    const fleet = stack.use(await runFleet({ yaml: `services: ${JSON.stringify(rows)}\n` }));
    const messenger = stack.use(await Messenger.open({ url: fleet.broker.url, name: "test" }));
    const telescope = new Observatory(messenger).telescope("sim");
    await waitFor("the simulated telescope", async () => await telescope.mount.atPark.get());
    const state = async () => State.parse((await messenger.request("tic.rpc.sim.dome.follower.state")).data);
    // One that is to be turned on later does not look yet.
    const begins = follower?.turn_on_automatically === false ? 0 : 1;
    if (follower) await waitFor("the dome follower", async () => (await state()).looks >= begins);
    return {
      fleet,
      messenger,
      telescope,
      state,
      advance: (seconds) => telescope.component("simulator").put("advance", { Seconds: seconds }),
      async looked() {
        const { looks } = await state();
        // The one under way may have begun before.
        await waitFor("a look of the dome follower", async () => (await state()).looks >= looks + 2);
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
