// A fleet run by the compiled binary against a broker of its own, with a listener on the wire.
import { join } from "node:path";
import { spawnTcs, type TcsProcess } from "./binary.ts";
import { startNats, type TestBroker } from "./nats.ts";
import { type TempFolder, tempFolder } from "./temp.ts";
import { within } from "./wait.ts";
import { listenToWire, type WireLog } from "./wire.ts";

export interface TestFleet extends AsyncDisposable {
  readonly tcs: TcsProcess;
  readonly broker: TestBroker;
  readonly wire: WireLog;
  readonly folder: TempFolder;
  /** Ends it (SIGTERM unless told otherwise). @returns its exit code; by then all it said is on the wire */
  stop(signal?: NodeJS.Signals): Promise<number>;
}

export interface FleetFixture {
  /** The `services:` part of the configuration, and whatever else but `nats:`. */
  yaml: string;
  /** Service files by name. */
  files?: Record<string, string>;
  args?: string[];
  env?: Record<string, string>;
  /** As `onHost` gives it; default: this host. */
  under?: string[];
  /** Default: one of its own. */
  broker?: TestBroker;
  /** Another executable than that of `tcsBinary()`. */
  program?: string;
}

export async function runFleet(fixture: FleetFixture): Promise<TestFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const broker = fixture.broker ?? stack.use(await startNats());
    const folder = stack.use(tempFolder());
    await folder.write("services.yaml", `nats:\n  port: ${broker.port}\n${fixture.yaml}`);
    for (const [name, text] of Object.entries(fixture.files ?? {})) await folder.write(name, text);
    const wire = stack.use(await listenToWire(broker.url));
    const tcs = stack.use(
      spawnTcs(["run", ...(fixture.args ?? [])], {
        cwd: folder.path,
        env: { TCS_STATE_DIR: join(folder.path, ".state"), ...fixture.env },
        ...(fixture.under ? { under: fixture.under } : {}),
        ...(fixture.program === undefined ? {} : { program: fixture.program }),
      }),
    );
    return {
      tcs,
      broker,
      wire,
      folder,
      async stop(signal = "SIGTERM") {
        tcs.signal(signal);
        const code = await within("the end of tcs", tcs.exited);
        // What the broker took is on its way to the listener.
        await wire.flush();
        return code;
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** A service file: `body` are the members of its class. */
export function serviceFile(body: string, base = "BaseBlockingPermanentService", head = ""): string {
  return `import { BaseBlockingPermanentService, BasePermanentService, BaseServiceConfig, BaseSingleShotService, Status, service } from "ocabox-tcs";
import { z } from "zod";
${head}
@service
export class Thing extends ${base} {
${body}
}
`;
}

/** A loop that does nothing until it is stopped. */
export const LOOP = "async runService() { while (this.isRunning) await this.sleep(1000); }";
