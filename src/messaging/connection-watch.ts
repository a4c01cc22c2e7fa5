// Hearing when a connection goes and comes back: of one that somebody else owns, without a trace left on it.
import type { NatsConnection } from "nats";

export interface ConnectionListener {
  /** The broker is away; the client looks for it. */
  down(): void;
  /** It is back. */
  up(): void;
  /** For good: by its owner's will, or (`error`) because the client has given up. */
  closed(error: Error | undefined): void;
  /** The broker refused a publish to this subject. */
  refused?(subject: string): void;
}

/** The client's own list of listeners only grows: one place in it serves all of ours. */
const watched = new WeakMap<NatsConnection, Set<ConnectionListener>>();

/** @returns ends it */
export function watchConnection(connection: NatsConnection, listener: ConnectionListener): () => void {
  let listeners = watched.get(connection);
  if (!listeners) {
    listeners = new Set();
    watched.set(connection, listeners);
    void follow(connection, listeners);
  }
  const all = listeners;
  all.add(listener);
  return () => void all.delete(listener);
}

async function follow(connection: NatsConnection, listeners: Set<ConnectionListener>): Promise<void> {
  // The end of the statuses is not always told when the connection is closed; this is.
  void connection.closed().then((error) => {
    for (const listener of [...listeners]) listener.closed(error ?? undefined);
  });
  for await (const status of connection.status()) {
    for (const listener of [...listeners]) {
      if (status.type === "disconnect") listener.down();
      else if (status.type === "reconnect") listener.up();
      else if (status.type === "error" && status.permissionContext?.operation === "publish") {
        listener.refused?.(status.permissionContext.subject);
      }
    }
  }
}
