// Signals by number and by name, and the exit code that tells of one.
import { constants } from "node:os";

// Some have an older name too, which is listed later (SIGABRT, SIGIOT): the first is kept.
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .map(([name, number]): [number, string] => [number, name])
    .reverse(),
);

/** `SIGKILL` of 9; undefined for a number without a name. */
export function signalName(number: number): NodeJS.Signals | undefined {
  // The keys of os.constants.signals are the signals' names.
  return NAMES.get(number) as NodeJS.Signals | undefined;
}

/** The same for people: `SIGKILL`, `signal 64`. */
export function describeSignal(number: number): string {
  return signalName(number) ?? `signal ${number}`;
}

/** @param signal as Bun tells it: by number, where it knows no name */
export function signalNumber(signal: NodeJS.Signals | number): number {
  return typeof signal === "number" ? signal : constants.signals[signal];
}

/** The exit code of a program that ended because of a signal, as shells have it. */
export function signalExitCode(signal: NodeJS.Signals | number): number {
  return 128 + signalNumber(signal);
}
