// A machine with systemd and tcs on it, as an operator finds it: the executable in /opt/tcs, a configuration in /etc/tcs.
import { dirname } from "node:path";
import { tcsBinary } from "./binary.ts";
import { startNats, type TestBroker } from "./nats.ts";
import { type RunOptions, type RunResult, type Systemd, startSystemd } from "./systemd.ts";
import { waitFor } from "./wait.ts";

/** Where the executable is. */
export const TCS = "/opt/tcs/tcs";
export const CONFIG = "/etc/tcs/services.yaml";
/** The unit of that configuration. */
export const UNIT = "tcs-launcher@etc-tcs-services.yaml.service";

export interface TcsMachine extends AsyncDisposable {
  readonly systemd: Systemd;
  readonly broker: TestBroker;
  /** Runs `tcs` as root, in /. */
  tcs(args: string[], options?: RunOptions): Promise<RunResult>;
  /** The same; returns what it wrote to standard output. @throws Error when it fails */
  tcsOk(args: string[], options?: RunOptions): Promise<string>;
  /** Property of a unit. */
  show(unit: string, property: string): Promise<string>;
  /** Waits until a unit's property is so. */
  waitForState(unit: string, property: string, value: string | RegExp): Promise<string>;
  /** Lines of the journal of a unit, oldest first, with level. */
  journal(unit: string): Promise<{ priority: string; message: string }[]>;
  /** Pids of the processes inside whose name is matched by a basic regular expression. */
  processes(pattern: string): Promise<string[]>;
  signal(name: "KILL" | "STOP", pid: string): Promise<void>;
  /** `tcs status` as JSON says of a service: its status, or undefined. */
  statusOf(id: string): Promise<string | undefined>;
}

/** @param yaml the `services:` part, and whatever else but `nats:` @param files services by path */
export async function startTcsMachine(yaml: string, files: Record<string, string> = {}): Promise<TcsMachine> {
  const stack = new AsyncDisposableStack();
  try {
    const broker = stack.use(await startNats());
    const systemd = stack.use(await startSystemd({ folders: [`${dirname(tcsBinary())}:${dirname(TCS)}`] }));
    await systemd.write(CONFIG, `nats:\n  port: ${broker.port}\n${yaml}`);
    for (const [path, text] of Object.entries(files)) await systemd.write(path, text);
    const ctl = async (unit: string, property: string) =>
      (await systemd.ok(["systemctl", "show", "--value", `--property=${property}`, "--", unit])).trim();
    const tcsOk = (args: string[], options?: RunOptions) => systemd.ok([TCS, ...args], options);
    return {
      systemd,
      broker,
      tcs: (args, options) => systemd.run([TCS, ...args], options),
      tcsOk,
      show: ctl,
      async waitForState(unit, property, value) {
        let last = "";
        try {
          return await waitFor(`${property} of ${unit}`, async () => {
            last = await ctl(unit, property);
            return (typeof value === "string" ? last === value : value.test(last)) && last;
          });
        } catch (cause) {
          const journal = await systemd.run(["journalctl", "--no-pager", "-n", "60"]);
          throw new Error(`${property} of ${unit} is ${last}, expected ${value}:\n${journal.stdout}`, { cause });
        }
      },
      async journal(unit) {
        const text = await systemd.ok(["journalctl", "--unit", unit, "-o", "json", "--no-pager"]);
        return text
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .filter(({ _TRANSPORT }) => _TRANSPORT === "stdout")
          .map(({ PRIORITY, MESSAGE }) => ({ priority: String(PRIORITY), message: String(MESSAGE) }));
      },
      async processes(pattern) {
        const { stdout } = await systemd.run(["sh", "-c", 'grep -le "$1" /proc/[0-9]*/comm', "sh", pattern]);
        return stdout.split("\n").flatMap((path) => /^\/proc\/(\d+)\//.exec(path)?.[1] ?? []);
      },
      async signal(name, pid) {
        await systemd.ok(["sh", "-c", `kill -${name} ${pid}`]);
      },
      async statusOf(id) {
        const { stdout } = await systemd.run([TCS, "status", "--json", "--config", CONFIG]);
        const { services } = JSON.parse(stdout) as {
          services: { id?: string; service_id?: string; status?: string }[];
        };
        return services.find((service) => service.service_id === id || service.id === id)?.status;
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
