// A fleet of the compiled binary for measurements: as light a listener as can be, for it shares the processors.
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { spawnTcs, type TcsProcess } from "../support/binary.ts";
import { startNats } from "../support/nats.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";

export interface LiveFleet extends AsyncDisposable {
  readonly tcs: TcsProcess;
  readonly port: number;
  /** Its working directory. */
  readonly folder: string;
  readonly connection: NatsConnection;
  /** When `tcs run` was started, by `performance.now()`. */
  readonly begunMs: number;
  /** The time of the next status message of a service that says so, by `performance.now()`. */
  next(id: string, status: string): Promise<number>;
  /** The time at which so many services had said that they are ok. */
  allOk(count: number): Promise<number>;
  /** Calls a command of a service, without waiting for an answer. */
  tell(id: string, command: string): void;
  /** The pid that the latest registry start event of a service names. */
  pidOf(id: string): number;
  /** Events so far, as `start`; also the reasons of stops, as `force_killed`. */
  count(event: string): number;
}

const REQUEST = JSON.stringify({
  data: {},
  meta: { id: "1", sender: "bench", ts: [2026, 1, 1, 0, 0, 0, 0], trace_level: 20, message_type: "rpc", tags: [] },
});

/** @param yaml all of the configuration but `nats:` */
export async function startLiveFleet(
  yaml: string,
  options: { files?: Record<string, string>; args?: string[] } = {},
): Promise<LiveFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const broker = stack.use(await startNats());
    const folder = stack.use(tempFolder("tcs-bench-"));
    await folder.write("services.yaml", `nats: {port: ${broker.port}}\n${yaml}`);
    for (const [name, text] of Object.entries(options.files ?? {})) await folder.write(name, text);
    const connection = await connect({ servers: broker.url });
    stack.defer(() => connection.close());
    const pids = new Map<string, number>();
    const counts = new Map<string, number>();
    const ok = new Set<string>();
    const add = (event: string) => counts.set(event, (counts.get(event) ?? 0) + 1);
    const waiting = new Set<{ fits: (id: string, status: string) => boolean; resolve: (time: number) => void }>();
    const hear = (fits: (id: string, status: string) => boolean) =>
      within("a status message", new Promise<number>((resolve) => waiting.add({ fits, resolve })), 60_000);
    const heard = (id: string, status: string) => {
      const now = performance.now();
      if (status === "ok") ok.add(id);
      for (const listener of waiting) {
        if (!listener.fits(id, status)) continue;
        waiting.delete(listener);
        listener.resolve(now);
      }
    };
    connection.subscribe("svc.>", {
      callback: (_, message) => {
        const [, room = "", ...rest] = message.subject.split(".");
        if (room === "status") {
          const { data } = message.json<{ data: { status: string } }>();
          if (rest[0] !== "launcher") heard(rest.join("."), data.status);
        } else if (room === "registry") {
          const [event = "", ...id] = rest;
          add(event);
          const { data } = message.json<{ data: { pid: number; reason: string } }>();
          if (event === "start") pids.set(id.join("."), data.pid);
          if (event === "stop") add(data.reason);
        }
      },
    });
    await connection.flush();
    const begunMs = performance.now();
    const tcs = stack.use(
      spawnTcs(["run", "--quiet", ...(options.args ?? [])], {
        cwd: folder.path,
        env: { TCS_STATE_DIR: join(folder.path, ".state") },
      }),
    );
    return {
      tcs,
      port: broker.port,
      folder: folder.path,
      connection,
      begunMs,
      next: (id, status) => hear((otherId, other) => otherId === id && other === status),
      allOk: (count) => (ok.size >= count ? Promise.resolve(performance.now()) : hear(() => ok.size >= count)),
      tell: (id, command) => connection.publish(`svc.rpc.${id}.v1.${command}`, REQUEST, { reply: "_INBOX.bench" }),
      pidOf: (id) => pids.get(id) ?? Number.NaN,
      count: (event) => counts.get(event) ?? 0,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Rows of `count` services `<type>.n0`, `<type>.n1`, …, each with `settings`. */
export function rowsOf(type: string, count: number, settings = ""): string {
  const more = settings === "" ? "" : `, ${settings}`;
  return Array.from({ length: count }, (_, i) => `  - {type: ${type}, variant: n${i}${more}}\n`).join("");
}
