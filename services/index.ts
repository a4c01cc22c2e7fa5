// The services in the binary, by type; each is loaded only when it is asked for.

export const BUILTIN_SERVICES = {
  hello_world: () => import("./hello_world.ts"),
  "examples.minimal": () => import("./examples/01_minimal.ts"),
  "examples.basic": () => import("./examples/02_basic.ts"),
  "examples.logging": () => import("./examples/03_logging.ts"),
  "examples.monitoring": () => import("./examples/04_monitoring.ts"),
  "examples.nonblocking": () => import("./examples/05_nonblocking.ts"),
  "examples.reconfigure": () => import("./examples/06_reconfigure.ts"),
} satisfies Record<string, () => Promise<Record<string, unknown>>>;
