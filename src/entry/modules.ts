// What hosts offer to service files: the framework in this binary, packages as a fallback, and the services shipped.

import { BUILTIN_SERVICES } from "../../services/index.ts";
import type { HostModules } from "../host/loader.ts";

export const hostModules: HostModules = {
  builtins: BUILTIN_SERVICES,
  framework: {
    "ocabox-tcs": () => import("../index.ts"),
    "ocabox-tcs/monitoring": () => import("../monitoring/index.ts"),
    "ocabox-tcs/client": () => import("../client/index.ts"),
    "ocabox-tcs/kinds": () => import("../kinds/index.ts"),
    "ocabox-tcs/messenger": () => import("../messenger/index.ts"),
    "ocabox-tcs/observatory": () => import("../observatory/index.ts"),
    "ocabox-tcs/testing": () => import("../service/testing.ts"),
    "ocabox-tcs/zmtp": () => import("../zmtp/index.ts"),
  },
  fallbacks: {
    zod: () => import("zod"),
    nats: async () => (await import("../messaging/nats-package.ts")).nats,
  },
};

/** The services shipped, by type. */
export const builtinTypes: ReadonlySet<string> = new Set(Object.keys(hostModules.builtins));
