// What a check is, and what it is given to look at.
import type { NatsSettings } from "../config/types.ts";
import type { Finding } from "./finding.ts";
import type { FleetLook } from "./fleet-look.ts";
import type { Trial } from "./trials.ts";

/** A configuration to be checked as `tcs run --check` does. */
export interface ConfigToCheck {
  /** As the user named it. */
  file: string;
  /** Service types inside this program. */
  builtinTypes: ReadonlySet<string>;
  /** URL of the Worker entry in which the services' files are loaded. */
  workerEntry: string;
}

/** Where the broker should be, and what came of trying it; or why nobody can tell where it is. */
export type BrokerWanted = { settings: NatsSettings; trials: readonly Trial[] } | { fault: string };

export interface HostContext {
  env: Record<string, string | undefined>;
  broker: BrokerWanted;
}

export interface ConfigContext extends HostContext {
  config: ConfigToCheck;
}

export interface BrokerContext extends HostContext {
  look: FleetLook;
  settings: NatsSettings;
}

interface CheckHead {
  name: string;
  /** Milliseconds; default 5,000. One that takes longer is a finding itself. */
  limitMs?: number;
  /** It measures: run before the others, while nothing else is asked of the broker. */
  alone?: boolean;
}

/** One thing that is looked at. What it throws is a finding too. */
export type Check = CheckHead &
  (
    | { needs: "nothing"; run(context: HostContext): Promise<Finding[]> }
    /** Left out when no configuration is given. */
    | { needs: "config"; run(context: ConfigContext): Promise<Finding[]> }
    | { needs: "broker" | "jetstream"; run(context: BrokerContext): Promise<Finding[]> }
  );

/** Checks that are shown together. */
export interface CheckGroup {
  title: string;
  checks: readonly Check[];
}
