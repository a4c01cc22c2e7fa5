// Entry of `tcs test`: loaded before an author's tests, it lets them import the framework of this program.
import { join } from "node:path";
import { VirtualModules } from "../host/virtual-modules.ts";

const framework = () => import("./test-framework.ts");

new VirtualModules({
  framework: {
    "ocabox-tcs": async () => (await framework()).core,
    "ocabox-tcs/monitoring": async () => (await framework()).monitoring,
    "ocabox-tcs/client": async () => (await framework()).client,
    "ocabox-tcs/kinds": async () => (await framework()).kinds,
    "ocabox-tcs/messenger": async () => (await framework()).messenger,
    "ocabox-tcs/observatory": async () => (await framework()).observatory,
    "ocabox-tcs/testing": async () => (await framework()).testing,
    "ocabox-tcs/zmtp": async () => (await framework()).zmtp,
  },
  fallbacks: {
    zod: () => import("zod"),
    nats: async () => (await import("../messaging/nats-package.ts")).nats,
  },
}).provideFor(join(process.cwd(), "any.test.ts"));
