// The services in the binary, by type; each is loaded only when it is asked for.

export const BUILTIN_SERVICES = {
  hello_world: () => import("./hello_world.ts"),
  "examples.minimal": () => import("./examples/01_minimal.ts"),
  "examples.basic": () => import("./examples/02_basic.ts"),
  "examples.logging": () => import("./examples/03_logging.ts"),
  "examples.monitoring": () => import("./examples/04_monitoring.ts"),
  "examples.nonblocking": () => import("./examples/05_nonblocking.ts"),
  "examples.reconfigure": () => import("./examples/06_reconfigure.ts"),
  "examples.dome_follower": () => import("./examples/dome_follower.ts"),
  simulator: () => import("./simulator/simulator.ts"),
} satisfies Record<string, () => Promise<Record<string, unknown>>>;

/** What they are for: the first line of each. */
export const BUILTIN_DESCRIPTIONS: Readonly<Record<keyof typeof BUILTIN_SERVICES, string>> = {
  hello_world: "The canonical example: says hello every few seconds.",
  "examples.minimal": "The smallest service there is: a loop that ends when it is asked to.",
  "examples.basic": "A service with a configuration of its own: typed here, checked before anything starts.",
  "examples.logging": "Logging well: which level for what, and an error that is handled and told.",
  "examples.monitoring": "Health as others see it: a health check, metrics, and a part with a status of its own.",
  "examples.nonblocking": "Several tasks of one's own: start them, return, and end them when asked to stop.",
  "examples.reconfigure": "New values without a restart: onConfigChange takes them, or refuses them.",
  "examples.dome_follower": "Keeps the slit of a dome on the telescope's azimuth, and tells when it lags behind.",
  simulator: "A telescope that is only simulated: mount and dome, behind the subjects of an observatory's NATS bridge.",
};
