// The package yaml, to be imported when it is needed: see messaging/nats-package.ts.
export * as yaml from "yaml";
