// tcs dashboard: the fleet in a browser.
import { hostname as thisHost } from "node:os";
import { UsageError } from "../../common/errors.ts";
import { signalExitCode } from "../../common/signal-codes.ts";
import { onFirstSignal } from "../../common/signals.ts";
import { loadEnv } from "../../config/dotenv.ts";
import { Dashboard, isLoopback } from "../../dashboard/index.ts";
import { randomToken } from "../../messaging/envelope.ts";
import { brokerArgs, configArg, verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { findBroker } from "../fleet-access.ts";
import { parsePort } from "../numbers.ts";
import { tell, write } from "../output.ts";
import { whoAmI } from "../who.ts";

const DEFAULT_PORT = 8420;
const SHORTEST_TOKEN = 16;

export default defineCommand({
  meta: { name: "dashboard", description: "Show the fleet in a browser, until Ctrl-C" },
  examples: [
    ["tcs dashboard", "prints its address; Ctrl-C ends it"],
    ["tcs dashboard --port 8421 --read-only", "nobody gives orders from it"],
  ],
  args: {
    port: { type: "string", description: `Port to listen on (${DEFAULT_PORT})`, valueHint: "PORT" },
    listen: { type: "string", description: "Address to listen on (127.0.0.1: this host only)", valueHint: "ADDRESS" },
    "read-only": { type: "boolean", description: "Take no orders" },
    host: { ...brokerArgs.host, description: "NATS broker: a host, host:port or nats:// address" },
    prefix: brokerArgs.prefix,
    ...configArg,
    ...verboseArg,
  },
  async run({ args }): Promise<number> {
    const { config, host, prefix, listen: hostname = "127.0.0.1", "read-only": readOnly = false } = args;
    const port = parsePort(args.port) ?? DEFAULT_PORT;
    const env = loadEnv(process.cwd(), process.env);
    const given = readToken(env.TCS_DASHBOARD_TOKEN);
    if (given === undefined && !isLoopback(hostname)) {
      throw new UsageError(`--listen ${hostname}: others than this host can reach it, and there is no token`, {
        hint: `set TCS_DASHBOARD_TOKEN to a secret of ${SHORTEST_TOKEN} characters or more, as from: openssl rand -hex 16`,
      });
    }
    const token = given ?? randomToken(32);
    const signalled = onFirstSignal();
    const settings = await findBroker({ config, host, prefix });
    const by = `dashboard/${whoAmI()}`;
    const dashboard = new Dashboard({ settings, hostname, port, token, readOnly, by, tell });
    try {
      await dashboard.start();
      // A token that was given is known, and not to be found in the log of whoever runs this.
      write([`${addressOf(hostname, port)}${given === undefined && !readOnly ? `#token=${token}` : ""}`]);
      if (!isLoopback(hostname)) tell("it is not encrypted: who listens on the network sees the fleet, and the token");
      tell("the dashboard is at this address; Ctrl-C ends it");
      return signalExitCode(await signalled);
    } finally {
      await dashboard.stop();
    }
  },
});

/** @throws UsageError, which does not tell it */
function readToken(given: string | undefined): string | undefined {
  if (given === undefined || given === "") return undefined;
  if (/^[\x21-\x7e]+$/.test(given) && given.length >= SHORTEST_TOKEN) return given;
  throw new UsageError(
    `TCS_DASHBOARD_TOKEN: given ${given.length} characters, expected ${SHORTEST_TOKEN} or more, letters and signs without blanks`,
  );
}

function addressOf(hostname: string, port: number): string {
  const isAny = hostname === "0.0.0.0" || hostname === "::" || hostname === "[::]";
  const name = isAny ? thisHost() : hostname;
  return `http://${name.includes(":") && !name.startsWith("[") ? `[${name}]` : name}:${port}/`;
}
