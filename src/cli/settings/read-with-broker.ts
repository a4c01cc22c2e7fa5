// A configuration as a launcher would read it now, with what NATS says laid over it: for commands that only look.
import { describeError, TcsError } from "../../common/errors.ts";
import { Logger } from "../../common/logger.ts";
import type { FleetReading, FleetSource } from "../../config/index.ts";
import { lastGoodWords } from "../../config/last-good.ts";
import type { FleetConfig, ServiceRow } from "../../config/types.ts";
import { checkFleet } from "../../launcher/fleet-check.ts";
import type { StartHost } from "../../launcher/homes/home.ts";
import { loadKept, RemoteValues, readCandidates, readWithRemote } from "../../launcher/remote/index.ts";
import { type BrokerFlags, withFleet } from "../fleet-access.ts";

export interface ReadWithBrokerOptions {
  source: FleetSource;
  /** Of the file alone, which is good. */
  reading: FleetReading;
  flags: BrokerFlags;
  /** Whether what is said of a service is to be told. */
  concerns: (service: { id: string; type: string }) => boolean;
  startWorker: StartHost;
}

/** @returns the fleet, and what there is to tell of what NATS says, one line each */
export async function readWithBroker(options: ReadWithBrokerOptions): Promise<{ fleet: FleetConfig; notes: string[] }> {
  const { source, reading, flags, concerns, startWorker } = options;
  const notes: string[] = [];
  const logger = new Logger("tcs", ({ message }) => notes.push(message));
  const concerned = (fleet: FleetConfig): ServiceRow[] => fleet.services.filter(concerns);
  const values = new RemoteValues(logger, () => concerned(reading.fleet));
  const remote = {
    give: () => values.give(),
    known: async () => {
      const note = await fill(values, source.path, reading.fleet, flags);
      if (note !== undefined) notes.push(note);
    },
    get hasNews() {
      return values.news.length > 0;
    },
    use: () => values.use(),
    refuse: (lines: readonly string[]) => values.refuse(lines),
  };
  const check = ({ fleet, env }: FleetReading) =>
    checkFleet({ ...fleet, services: concerned(fleet) }, startWorker, { env });
  const { fleet } = await readWithRemote({ source, reading, remote, firstContact: Promise.resolve(), check, logger });
  return { fleet, notes };
}

/** From the broker; while it is away, what a launcher has kept. @returns what there is to tell of that */
async function fill(
  values: RemoteValues,
  file: string,
  fleet: FleetConfig,
  flags: BrokerFlags,
): Promise<string | undefined> {
  try {
    const found = await withFleet(flags, "tcs config explain", ({ connection, prefix: subjectPrefix }) =>
      readCandidates(connection, { ...fleet, subjectPrefix }),
    );
    values.takeAll("over", found.over);
    values.takeAll("under", found.under);
    return undefined;
  } catch (error) {
    if (!(error instanceof TcsError)) throw error;
    const { kept } = loadKept(file);
    if (kept) {
      values.recall("over", kept.overlay.over, kept.savedAt);
      values.recall("under", kept.overlay.under, kept.savedAt);
      return lastGoodWords(describeError(error), kept);
    }
    // Nobody spoke of a broker: then there need not be one.
    return fleet.nats ? `what is set on the broker is not known: ${describeError(error)}` : undefined;
  }
}
