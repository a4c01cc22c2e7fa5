// The package nats. This file is to be imported when it is needed, not the package itself: of a dynamic import of a CommonJS
// package Bun's bundler makes `.then((m) => helper(m.default))`, and in a minified bundle the helper may be called `m` too.
export * as nats from "nats";
export { NodeTransport } from "nats/lib/src/node_transport.js";
