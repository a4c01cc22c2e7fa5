// Where things are inside a container, the same in all that is exported.

/** Of the user that services run as: no user of a host, and not root. */
export const UID = 10_001;
/** The configuration and the services' files. */
export const APP_FOLDER = "/app";
/** The state folder: operators' stops, logs, locks. */
export const STATE_FOLDER = "/var/lib/tcs";
/** Each file in it is a secret variable. */
export const SECRETS_FOLDER = "/run/secrets";
export const BINARY = "/usr/local/bin/tcs";
/** Whether its event loop turns: nothing else, and nobody else, is asked. */
export const ALIVE = ["tcs", "health", "--local"] as const;
/** Whether its services are well, too; the launcher itself answers. */
export const READY = ["tcs", "health", "--local", "--ready"] as const;
/** Host name of a broker that is part of what is exported, or stands beside it. */
export const BROKER_NAME = "nats";
