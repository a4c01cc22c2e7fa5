// The framework for tests, each of its modules as an object: classes that a chunk of the bundle exports by their own
// names would be renamed (TcsError2), and so stand in every failure that a test author reads.
export * as client from "../client/index.ts";
export * as core from "../index.ts";
export * as kinds from "../kinds/index.ts";
export * as messenger from "../messenger/index.ts";
export * as monitoring from "../monitoring/index.ts";
export * as observatory from "../observatory/index.ts";
export * as testing from "../service/testing.ts";
export * as zmtp from "../zmtp/index.ts";
