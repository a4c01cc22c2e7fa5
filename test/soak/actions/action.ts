// One kind of thing that is done to a fleet.
import type { Random } from "../random.ts";
import type { World } from "../world.ts";

export interface Action {
  /** As in reports. */
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /**
   * Does it, and makes it good again. May last; `pause` ends early when all is to be calm.
   * @returns in words what was done to whom; undefined if nothing could be done just now
   */
  run(world: World, random: Random, pause: Pause): Promise<string | undefined>;
}

/** @param milliseconds at most so long */
export type Pause = (milliseconds: number) => Promise<void>;
