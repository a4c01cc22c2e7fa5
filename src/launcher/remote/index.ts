// Configuration from NATS.

export { readCandidates } from "./candidates.ts";
export { type RemoteStart, readWithRemote, type StartingRemote } from "./first-reading.ts";
export { loadKept } from "./kept-values.ts";
export { RemoteConfig } from "./remote-config.ts";
export { RemoteValues } from "./remote-values.ts";
