// Puts a running fleet into dev mode.
import { join } from "node:path";
import type { Logger } from "../../common/logger.ts";
import { listed } from "../../common/plural.ts";
import { configFolder } from "../../config/config-files.ts";
import type { FleetConfig } from "../../config/types.ts";
import { checkSome } from "../fleet-check.ts";
import type { StartHost } from "../homes/home.ts";
import { type Reloader, type Reloads, restartSome } from "../reload/index.ts";
import type { ServicesLauncher } from "../services-launcher.ts";
import { DevMode } from "./dev-mode.ts";
import { FollowFiles } from "./follow-files.ts";

/** How long services may take to start until the next change is looked at, milliseconds: it may be what mends them. */
const RELOAD_LIMIT_MS = 2_000;

export interface StartDevModeOptions {
  /** Absolute path of the configuration. */
  file: string;
  launcher: ServicesLauncher;
  reloader: Reloader;
  reloads: Reloads;
  startWorker: StartHost;
  onSecrets: (values: readonly string[]) => void;
  logger: Logger;
  /** Services that have a thread or process of their own for this. */
  apart: readonly string[];
}

export function startDevMode(options: StartDevModeOptions): DevMode {
  const { file, launcher, reloader, reloads, startWorker, onSecrets, logger, apart } = options;
  if (apart.length > 0) {
    const whose = apart.length === 1 ? "has a thread or process of its own" : "have threads or processes of their own";
    logger.info(`${listed(apart)} ${whose}: --dev can load only these anew`);
  }
  const files = new FollowFiles({
    launcher,
    check: (runners) =>
      checkSome(
        reloader.fleet,
        runners.map(({ row }) => row),
        startWorker,
        { onSecrets },
      ),
    // A reload and this shall not stop and start the same service at once.
    restart: (runners, reason) => reloader.alone(() => restartSome(launcher, runners, reason)),
    folder: configFolder(file),
    logger,
  });
  return new DevMode({
    configuration: () => placesOf(reloader.fleet, file),
    ready: launcher.claimed,
    runners: () => launcher.runners,
    onChanged: (changed, sinceMs) => files.onChanged(changed, sinceMs),
    reload: () => reloads.reload({ by: "--dev", limitMs: RELOAD_LIMIT_MS }),
    logger,
  });
}

/** What a configuration is made of, and where more of it may appear. */
function placesOf({ files = [], folders = [] }: FleetConfig, file: string): string[] {
  return [...files, ...folders, join(configFolder(file), ".env")];
}
