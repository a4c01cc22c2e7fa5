// The sixty services of a soak: which there are, in which home, and which launchers may run them.
import type { OWN_HOMES } from "../../../src/config/types.ts";

export const LAUNCHERS = ["steady", "north", "south"] as const;
/** `steady` is never killed: its memory is watched from the first to the last minute. */
export type LauncherName = (typeof LAUNCHERS)[number];

export type Kind = "blocking" | "plain" | "periodic" | "foreign";
export type Place = (typeof OWN_HOMES)[number] | "exec";

export interface Row {
  id: string;
  kind: Kind;
  home: Place;
  /** One, or `north` and `south`: then whoever comes first, and the other when that one is gone. */
  launchers: readonly LauncherName[];
  /** A field of its own, told or by restart. */
  tempo: number;
  /** It is in the files. */
  isListed: boolean;
}

const PLAN: { launchers: readonly LauncherName[]; rows: [Kind, Place, number][] }[] = [
  {
    launchers: ["steady"],
    rows: [
      ["blocking", "worker", 4],
      ["blocking", "process", 2],
      ["blocking", "inline", 3],
      ["plain", "worker", 2],
      ["plain", "process", 1],
      ["plain", "inline", 2],
      ["foreign", "exec", 4],
      ["periodic", "worker", 1],
      ["periodic", "process", 1],
    ],
  },
  ...(["north", "south"] as const).map((name) => ({
    launchers: [name],
    rows: [
      ["blocking", "worker", 3],
      ["blocking", "process", 1],
      ["blocking", "inline", 2],
      ["plain", "worker", 1],
      ["plain", "inline", 1],
      ["foreign", "exec", 3],
      ["periodic", "worker", 1],
    ] satisfies [Kind, Place, number][],
  })),
  {
    launchers: ["north", "south"],
    rows: [
      ["blocking", "worker", 4],
      ["blocking", "process", 2],
      ["blocking", "inline", 3],
      ["plain", "worker", 1],
      ["plain", "process", 1],
      ["plain", "inline", 1],
      ["foreign", "exec", 4],
    ],
  },
];

export function fleetRows(): Row[] {
  return PLAN.flatMap(({ launchers, rows }) =>
    rows.flatMap(([kind, home, count]) =>
      Array.from({ length: count }, (_, index) => ({
        id: `${kind}.${launchers.length > 1 ? "shared" : launchers[0]}-${home}-${index}`,
        kind,
        home,
        launchers,
        tempo: 1,
        isListed: true,
      })),
    ),
  );
}

/** Whether it runs all the time, if nothing is wrong. */
export const isPermanent = ({ kind }: Row): boolean => kind !== "periodic";
