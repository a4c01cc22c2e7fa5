// A fleet whose services are units of a real systemd, with a launcher that can be killed beside it.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tcsBinary } from "./binary.ts";
import { startNats, type TestBroker } from "./nats.ts";
import { type RunOptions, type RunResult, type Systemd, startSystemd } from "./systemd.ts";
import { tempFolder } from "./temp.ts";
import { waitFor } from "./wait.ts";
import { listenToWire, type WireLog } from "./wire.ts";

export interface UnitFleet extends AsyncDisposable {
  readonly systemd: Systemd;
  readonly broker: TestBroker;
  readonly wire: WireLog;
  /** Shared with the machine under the same path; its state folder outlives reboots. */
  readonly folder: string;
  /** The executable. */
  readonly binary: string;
  /** Starts `tcs run` beside systemd, and waits until it has started everything. */
  launch(...args: string[]): Promise<Launched>;
  /** Writes a file of the fleet's folder. */
  write(name: string, text: string): Promise<void>;
  /** `tcs run` for as long as told, until it is interrupted. */
  runFor(seconds: number, ...args: string[]): Promise<RunResult>;
  /** Runs `tcs` beside systemd, to its end. */
  tcs(...args: string[]): Promise<RunResult>;
  systemctl(...args: string[]): Promise<RunResult>;
  /** A property of a service's unit. */
  property(id: string, name: string): Promise<string>;
  /** Main process of a service's unit, as systemd's namespace counts; 0 when there is none. */
  pidOf(id: string): Promise<number>;
  /** Signals the main process of a service's unit. */
  signal(id: string, signal: string): Promise<void>;
}

export interface Launched {
  /** As systemd's namespace counts. */
  pid: number;
  /** What it has written to stderr. */
  log(): string;
  /** Signals it, and waits for its end. */
  end(signal?: "TERM" | "KILL" | "INT"): Promise<void>;
}

export interface UnitFleetFixture {
  /** The `services:` part of the configuration, and whatever else but `nats:`. */
  yaml: string;
  files?: Record<string, string>;
  /** Default: root. */
  user?: string;
}

/** A systemd, a broker, and a configuration whose services are units. */
export async function startUnitFleet(fixture: UnitFleetFixture): Promise<UnitFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const broker = stack.use(await startNats());
    const folder = stack.use(tempFolder("tcs-units-"));
    // Another user reads it too.
    chmodSync(folder.path, 0o755);
    const write = (name: string, text: string) => {
      const path = join(folder.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    };
    const nats = `nats:\n  port: ${broker.port}\n`;
    write("services.yaml", nats + fixture.yaml);
    for (const [name, text] of Object.entries(fixture.files ?? {})) write(name, text);
    const state = join(folder.path, "state");
    mkdirSync(state);
    chmodSync(state, 0o777);
    const wire = stack.use(await listenToWire(broker.url));
    const binary = tcsBinary();
    const systemd = stack.use(await startSystemd({ folders: [folder.path, dirname(binary)] }));
    if (fixture.user !== undefined) await addUser(systemd, fixture.user);
    const how: RunOptions = {
      env: { TCS_STATE_DIR: state },
      cwd: folder.path,
      ...(fixture.user === undefined ? {} : { user: fixture.user }),
    };
    const user = fixture.user === undefined ? [] : ["--user"];
    const systemctl = (...args: string[]) => systemd.run(["systemctl", ...user, ...args], how);
    const property = async (id: string, name: string) =>
      (await systemctl("show", "--value", "-p", name, `tcs@${id}.service`)).stdout.trim();
    let launches = 0;
    return {
      systemd,
      broker,
      wire,
      folder: folder.path,
      binary,
      async launch(...args) {
        launches += 1;
        const logFile = join(folder.path, `launcher-${launches}.log`);
        writeFileSync(logFile, "");
        chmodSync(logFile, 0o666);
        const script = `"$0" run "$@" >>${logFile} 2>&1 </dev/null & echo $!`;
        const started = await systemd.run(["setsid", "sh", "-c", script, binary, ...args], how);
        const pid = Number(started.stdout);
        const log = () => readFileSync(logFile, "utf8");
        const isThere = async () => (await systemd.run(["kill", "-0", String(pid)])).code === 0;
        await waitFor(`the start of the fleet (${logFile})`, async () => {
          if (/ after \d+\.\d+ s/.test(log())) return true;
          if (!(await isThere())) throw new Error(`tcs run ended: ${log()}`);
          return undefined;
        });
        return {
          pid,
          log,
          async end(signal = "TERM") {
            await systemd.run(["kill", `-${signal}`, String(pid)]);
            await waitFor("the end of the launcher", async () => ((await isThere()) ? undefined : true));
          },
        };
      },
      write: async (name, text) => write(name, name === "services.yaml" ? nats + text : text),
      runFor: (seconds, ...args) =>
        systemd.run(["timeout", "--signal=INT", String(seconds), binary, "run", ...args], how),
      tcs: (...args) => systemd.run([binary, ...args], how),
      systemctl,
      property,
      async signal(id, signal) {
        await systemd.ok(["kill", `-${signal}`, await property(id, "MainPID")]);
      },
      pidOf: async (id) => Number(await property(id, "MainPID")),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** A user whose manager runs though nobody has logged in. */
async function addUser(systemd: Systemd, name: string): Promise<void> {
  await systemd.ok(["useradd", "--create-home", name]);
  await systemd.ok(["loginctl", "enable-linger", name]);
  await waitFor(`the manager of ${name}`, async () => {
    const state = await systemd.run(["systemctl", "--user", "is-system-running", "--wait"], { user: name });
    return /^(running|degraded)$/m.test(state.stdout);
  });
}
