// s6: `s6-svscan` with a folder for each service, and an `s6-supervise` for each.
import { asChild, type Candidate } from "./contestant.ts";
import { unpack } from "./debian.ts";
import { serviceFolders } from "./runit.ts";

export const s6: Candidate = {
  name: "s6",
  async fetch({ folder }) {
    const unpacked = unpack("s6", folder);
    return [
      {
        name: "s6",
        version: unpacked.version,
        async prepare(stage) {
          const begin = await unpacked.ready(stage, ["s6-svscan", serviceFolders(stage)]);
          return () => asChild(begin(), "SIGTERM");
        },
      },
    ];
  },
};
