// All checks, in the order in which they are shown.
import type { CheckGroup } from "./check.ts";
import { checkClock } from "./checks/clock.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import { checkConnection } from "./checks/connection.ts";
import { checkDuplicates } from "./checks/duplicates.ts";
import { checkJetStream } from "./checks/jetstream.ts";
import { checkLocks } from "./checks/locks.ts";
import { checkOrphans } from "./checks/orphans.ts";
import { checkOwners } from "./checks/owners.ts";
import { checkPermissions } from "./checks/permissions.ts";
import { checkProgram } from "./checks/program.ts";
import { checkRoundTrip } from "./checks/round-trip.ts";
import { checkServices } from "./checks/services.ts";
import { checkStateFolder } from "./checks/state-folder.ts";
import { checkStreams } from "./checks/streams.ts";
import { checkVersions } from "./checks/versions.ts";

export const GROUPS: readonly CheckGroup[] = [
  {
    title: "Configuration",
    checks: [{ name: "configuration", needs: "config", limitMs: 15_000, run: checkConfiguration }],
  },
  {
    title: "Broker",
    checks: [
      { name: "connection", needs: "nothing", run: checkConnection },
      { name: "round trip", needs: "broker", alone: true, run: checkRoundTrip },
      { name: "JetStream", needs: "broker", run: checkJetStream },
      { name: "streams", needs: "jetstream", run: checkStreams },
      { name: "owners", needs: "jetstream", run: checkOwners },
      { name: "permissions", needs: "broker", run: checkPermissions },
      { name: "clock", needs: "jetstream", alone: true, run: checkClock },
    ],
  },
  {
    title: "Fleet",
    checks: [
      { name: "services", needs: "jetstream", run: checkServices },
      { name: "duplicates", needs: "jetstream", run: checkDuplicates },
      { name: "versions", needs: "jetstream", run: checkVersions },
    ],
  },
  {
    title: "This host",
    checks: [
      { name: "orphans", needs: "nothing", limitMs: 10_000, run: checkOrphans },
      { name: "locks", needs: "nothing", run: checkLocks },
      { name: "state folder", needs: "nothing", run: checkStateFolder },
      { name: "program", needs: "nothing", run: checkProgram },
    ],
  },
];
