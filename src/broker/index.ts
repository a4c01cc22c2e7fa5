// The broker room: an embedded nats-server, found again by everyone on this host.
export { brokerBinary } from "./binary.ts";
export { BrokerStartError, type BrokerStartFault } from "./errors.ts";
export { BrokerKeeper, type BrokerKeeperOptions, type EnsuredBroker } from "./keeper.ts";
export { DEFAULT_PORT, type LocateOptions, locateBroker } from "./locate.ts";
export { type Probe, probeNats } from "./probe.ts";
export { type BrokerRecord, brokerFolder, findRunningBroker } from "./record.ts";
export { type BrokerExit, type BrokerOptions, type RunningBroker, startBroker } from "./server.ts";
export { ensureStreams, type StreamOutcome, type StreamsResult } from "./streams.ts";
