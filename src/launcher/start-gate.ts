// What must come before a start.

/** Resolves when nothing holds the start back (any more); `undefined`: nothing does. */
export type StartGate = (signal: AbortSignal, hold: (why: string) => void) => Promise<void> | undefined;

/** One gate after the other. */
export function gatesInTurn([gate, ...rest]: readonly StartGate[]): StartGate {
  return (signal, hold) => {
    if (!gate) return undefined;
    const others = gatesInTurn(rest);
    const opened = gate(signal, hold);
    return opened ? opened.then(() => others(signal, hold)) : others(signal, hold);
  };
}
