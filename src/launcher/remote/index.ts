// Configuration from NATS.

export { type RemoteStart, readWithRemote } from "./first-reading.ts";
export { RemoteConfig } from "./remote-config.ts";
