// A few words with whoever listens on a port, over a plain socket: before it is known who that is.

export interface Exchange<T> {
  host: string;
  port: number;
  limitMs: number;
  /** What is said first; without it the other one begins. */
  opening?: string;
  /** What all that was heard so far means; undefined: not enough yet. */
  read: (heard: string) => T | undefined;
  /** It took the connection, and nothing that could be read came in time. */
  silent: T;
  /** It closed the connection, or broke it. */
  closed: T;
  /** Nothing listens, or the host cannot be reached. */
  none: T;
}

/** Never rejects. */
export async function exchange<T>({ host, port, limitMs, opening, read, ...outcomes }: Exchange<T>): Promise<T> {
  return await new Promise<T>((resolve) => {
    let heard = "";
    let open: { terminate(): void } | undefined;
    const settle = (outcome: T) => {
      // First of all: closing the socket calls `close`, at once, which settles too.
      resolve(outcome);
      clearTimeout(limit);
      open?.terminate();
    };
    const limit = setTimeout(() => settle(open ? outcomes.silent : outcomes.none), limitMs);
    Bun.connect({
      hostname: host,
      port,
      socket: {
        open(socket) {
          open = socket;
          if (opening !== undefined) socket.write(opening);
        },
        data(_, data) {
          heard += data.toString("utf8");
          const outcome = read(heard);
          if (outcome !== undefined) settle(outcome);
        },
        close: () => settle(outcomes.closed),
        error: () => settle(outcomes.closed),
        connectError: () => settle(outcomes.none),
      },
    }).catch(() => settle(outcomes.none));
  });
}
