// runit: `runsvdir` with a folder for each service, and a `runsv` for each.
import { copyFileSync, mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { asChild, type Candidate, type Stage } from "./contestant.ts";
import { unpack } from "./debian.ts";

/** Seconds. */
const LONG_AGO = 1_000_000_000;

export const runit: Candidate = {
  name: "runit",
  async fetch({ folder }) {
    const unpacked = unpack("runit", folder);
    return [
      {
        name: "runit",
        version: unpacked.version,
        async prepare(stage) {
          const begin = await unpacked.ready(stage, ["runsvdir", "-P", serviceFolders(stage)]);
          return () => asChild(begin(), "SIGHUP");
        },
      },
    ];
  },
};

/** A folder with a folder for each service, in it its program as `run`: the form that runit and s6 share. */
export function serviceFolders(stage: Stage): string {
  const services = join(stage.folder, "services");
  for (const name of stage.names) {
    mkdirSync(join(services, name), { recursive: true });
    copyFileSync(stage.program(name), join(services, name, "run"));
  }
  // runit waits for a second before it believes a folder that has just been changed.
  utimesSync(services, LONG_AGO, LONG_AGO);
  return services;
}
