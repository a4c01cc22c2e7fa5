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

export interface GateListener {
  /** Why the start is held back. */
  onHold: (why: string) => void;
  /** Something must come first. Not called when nothing must. */
  onWait: () => void;
  go: () => void;
  /** What must come first cannot. */
  onFault: (error: unknown) => void;
}

/** Goes on as soon as nothing must come first. @returns ends the wait: then neither `go` nor `onFault` is called */
export function passGate(gate: StartGate | undefined, { onHold, onWait, go, onFault }: GateListener): () => void {
  const wait = new AbortController();
  const opened = gate?.(wait.signal, onHold);
  if (!opened) {
    go();
    return () => undefined;
  }
  onWait();
  opened.then(
    () => wait.signal.aborted || go(),
    (error: unknown) => wait.signal.aborted || onFault(error),
  );
  return () => wait.abort();
}
