// What services write with `console` becomes log records: stdout is for data, and every line says whose it is.
import type { LogLevel, LogSink } from "../common/logger.ts";
import { currentServiceId } from "./isolation.ts";

const LEVELS = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warning",
  error: "error",
} as const satisfies Record<string, LogLevel>;

/**
 * Redirects `console` calls of services to `log`; calls from elsewhere go where they went.
 * @returns a function that undoes it
 */
export function captureConsole(log: LogSink): () => void {
  const original = { ...console };
  for (const method of ["debug", "log", "info", "warn", "error"] as const) {
    console[method] = (...parts: unknown[]) => {
      const source = currentServiceId();
      if (source === undefined) {
        original[method](...parts);
        return;
      }
      const message = parts.map((part) => (typeof part === "string" ? part : Bun.inspect(part))).join(" ");
      log({ time: Date.now(), level: LEVELS[method], source, message });
    };
  }
  return () => void Object.assign(console, original);
}
