// Who keeps a service up, when that is not the launcher that speaks of it.

/** `supervisor` in the status of a service that systemd keeps up. */
export const SYSTEMD_SUPERVISOR = "systemd";
