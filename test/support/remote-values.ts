// A fleet whose services say what values they have, and ways to set these on its broker.
import { connect, type NatsConnection } from "nats";
import { LOOP, runFleet, type TestFleet } from "./fleet.ts";
import { askFleet } from "./reload.ts";
import { waitFor } from "./wait.ts";

/** Says what it has whenever it starts. */
export const THING = `import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  n: z.number().max(99).default(0), mode: z.enum(["day", "night"]).default("day"),
  limits: z.object({ min: z.number(), max: z.number() }).default({ min: 1, max: 2 }),
  pin: z.string().meta({ secret: true }).default("none"),
}).refine(({ n }) => n !== 13, { message: "no 13" });
@service({ config: Config })
export class Thing extends BaseBlockingPermanentService<typeof Config> {
  onStart() { this.logger.info("has " + JSON.stringify({ n: this.config.n, mode: this.config.mode, limits: this.config.limits })); }
  ${LOOP}
}
`;
export const YAML =
  "services:\n  - {type: thing, n: 1, limits: {min: 1, max: 5}}\n  - {type: thing, variant: b}\n  - hello_world\n";
/** The line of a service with `n`. */
export const has = (n: number, more = "") => new RegExp(`thing\\.main +has \\{"n":${n},${more}`);

/** Three services at a broker that knows their schemas. */
export async function startThing(yaml = YAML): Promise<TestFleet> {
  const fleet = await runFleet({ yaml, files: { "thing.ts": THING } });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
  // From then on any host can judge.
  await waitFor("the schemas", async () => (await askConfig(fleet, "set", "thing", "n=x")).stderr.includes("a number"));
  return fleet;
}

/** `tcs config …` at the broker of `fleet`. */
export const askConfig = (fleet: TestFleet, ...args: string[]) => askFleet(fleet, "config", ...args);

/** Writes into the bucket as any tool may. */
export async function put({ broker }: TestFleet, key: string, value: string): Promise<void> {
  await withBroker(broker.url, async (connection) => {
    await connection.jetstream().publish(`$KV.tcs_config.${key}`, value);
  });
}

/** A plain client of the broker. */
export async function withBroker<T>(url: string, use: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: url });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
