// What systemd tells the main process of a unit in its environment: where it listens, and how often it wants to hear.

/** A service manager that listens. */
export interface NotifyAddress {
  /** Path of its socket, or `@` and an abstract name. */
  socket: string;
  /** It wants to hear a sign of life at least this often, milliseconds. */
  watchdogMs?: number;
}

/**
 * Takes it out of `env`: what is started from here must not speak for this process, nor think that it is watched.
 * (sd_notify(3), sd_watchdog_enabled(3))
 * @returns undefined when no service manager listens
 */
export function takeNotifyAddress(env: Record<string, string | undefined>): NotifyAddress | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  if (!socket || !/^[/@]./.test(socket)) return undefined;
  const watchdogMs = Math.floor(Number(usec) / 1000);
  // Inherited from a process that is watched, by one that is not.
  const isOurs = pid === undefined || Number(pid) === process.pid;
  return isOurs && watchdogMs > 0 ? { socket, watchdogMs } : { socket };
}
