// Places in hosts, with homes that only write down what is asked of them.
import { expect, test } from "bun:test";
import type { Home, ServiceRow } from "../../src/config/types.ts";
import type { FromHost, ToHost } from "../../src/host/protocol.ts";
import type { HostEnd, HostOptions } from "../../src/launcher/homes/home.ts";
import { HostPool } from "../../src/launcher/host-pool.ts";

class FakeHost {
  readonly options: HostOptions;
  readonly sent: ToHost[] = [];
  readonly deeds: string[] = [];
  readonly #end = Promise.withResolvers<HostEnd>();
  readonly ended = this.#end.promise;
  readonly pid = 4711;
  readonly killable: boolean;

  constructor(options: HostOptions, killable: boolean) {
    this.options = options;
    this.killable = killable;
  }
  send(message: ToHost) {
    this.sent.push(message);
  }
  end() {
    this.deeds.push("end");
  }
  kill() {
    this.deeds.push("kill");
    this.die({ code: -9 });
  }
  die(end: HostEnd) {
    this.#end.resolve(end);
  }
}

function poolOfFakes() {
  const hosts: FakeHost[] = [];
  const heard: FromHost[] = [];
  const start = (killable: boolean) => (options: HostOptions) => {
    const host = new FakeHost(options, killable);
    hosts.push(host);
    return host;
  };
  const homes = {
    inline: start(false),
    worker: start(true),
    process: start(true),
    systemd: start(true),
    exec: start(true),
  };
  return { pool: new HostPool({ homes, onMessage: (message) => heard.push(message) }), hosts, heard };
}

function row(id: string, home: Home, group?: string): ServiceRow {
  const [type = "", variant = ""] = id.split(".");
  // What the pool does not look at may be anything.
  const rest = { module: { kind: "builtin", type }, fields: {}, overrides: {}, logLevel: "info" };
  return { id, type, variant, home, ...rest, ...(group === undefined ? {} : { group }) } as unknown as ServiceRow;
}

function listener() {
  const messages: FromHost[] = [];
  const ends: HostEnd[] = [];
  return { messages, ends, onMessage: (m: FromHost) => messages.push(m), onEnd: (e: HostEnd) => ends.push(e) };
}

test("a service has a host of its own, those of a group share one, and all inline ones the launcher's loop", () => {
  const { pool, hosts } = poolOfFakes();
  const lease = (id: string, home: Home, group?: string) => pool.lease(row(id, home, group), listener());
  const alone = [lease("a.main", "worker"), lease("b.main", "process")];
  expect(alone.map(({ dedicated }) => dedicated)).toEqual([true, true]);
  const grouped = [lease("c.main", "process", "g"), lease("d.main", "process", "g")];
  expect(grouped[0]?.host).toBe(grouped[1]?.host as never);
  const inline = [lease("e.main", "inline"), lease("f.main", "inline", "whatever")];
  expect(inline[0]?.host).toBe(inline[1]?.host as never);
  expect([...grouped, ...inline].map(({ dedicated }) => dedicated)).toEqual([false, false, false, false]);
  expect(hosts.map(({ options }) => [options.name, options.settings.shared])).toEqual([
    ["a.main", false],
    ["b.main", false],
    ["g", true],
    ["e.main", true],
  ]);
});

test("messages go to the service they are about; what is about none goes to the launcher", async () => {
  const { pool, hosts, heard } = poolOfFakes();
  const [a, b] = [listener(), listener()];
  pool.lease(row("a.main", "worker", "g"), a);
  hosts[0]?.options.onMessage({ kind: "up", pid: 12 });
  pool.lease(row("b.main", "worker", "g"), b);
  await Promise.resolve();
  // The second hears of the host that is up already.
  expect([a.messages, b.messages]).toEqual([[{ kind: "up", pid: 12 }], [{ kind: "up", pid: 12 }]]);
  hosts[0]?.options.onMessage({ kind: "started", id: "b.main", durationMs: 3 });
  hosts[0]?.options.onMessage({ kind: "started", id: "stranger.main", durationMs: 3 });
  hosts[0]?.options.onMessage({ kind: "beat", subject: "s", data: {} });
  expect(a.messages.length).toBe(1);
  expect(b.messages.at(-1)).toEqual({ kind: "started", id: "b.main", durationMs: 3 });
  expect(heard).toEqual([{ kind: "beat", subject: "s", data: {} }]);
});

test("a host that ends tells all its services, and the next lease starts another", async () => {
  const { pool, hosts } = poolOfFakes();
  const [a, b] = [listener(), listener()];
  pool.lease(row("a.main", "process", "g"), a);
  pool.lease(row("b.main", "process", "g"), b);
  hosts[0]?.die({ code: -9, error: "killed by SIGKILL" });
  await hosts[0]?.ended;
  expect([a.ends, b.ends]).toEqual([
    [{ code: -9, error: "killed by SIGKILL" }],
    [{ code: -9, error: "killed by SIGKILL" }],
  ]);
  pool.lease(row("a.main", "process", "g"), a);
  expect(hosts.length).toBe(2);
});

test("a host ends when its last service has gone; a new life of a lone service has a new host", () => {
  const { pool, hosts } = poolOfFakes();
  const first = pool.lease(row("a.main", "worker"), listener());
  first.release(false);
  expect(hosts[0]?.deeds).toEqual(["end"]);
  pool.lease(row("a.main", "worker"), listener());
  expect(hosts.length).toBe(2);
  const [c, d] = ["c.main", "d.main"].map((id) => pool.lease(row(id, "worker", "g"), listener()));
  c?.release(false);
  expect(hosts[2]?.deeds).toEqual([]);
  // Its group still runs there.
  pool.lease(row("c.main", "worker", "g"), listener()).release(false);
  expect(hosts.length).toBe(3);
  d?.release(false);
  expect(hosts[2]?.deeds).toEqual(["end"]);
});

test("a host with code that never ended takes no new service, and is killed when its others have gone", () => {
  const { pool, hosts } = poolOfFakes();
  const [stuck, other] = ["a.main", "b.main"].map((id) => pool.lease(row(id, "process", "g"), listener()));
  stuck?.release(true);
  expect(hosts[0]?.deeds).toEqual([]);
  pool.lease(row("a.main", "process", "g"), listener());
  expect(hosts.length).toBe(2);
  other?.release(false);
  expect(hosts[0]?.deeds).toEqual(["kill"]);
});

test("in the launcher's loop a service that never ended cannot be started again, but the others can", () => {
  const { pool, hosts } = poolOfFakes();
  pool.lease(row("a.main", "inline"), listener()).release(true);
  expect(() => pool.lease(row("a.main", "inline"), listener())).toThrow(/an earlier run of a\.main never ended/);
  pool.lease(row("b.main", "inline"), listener());
  expect(hosts.length).toBe(1);
  expect(hosts[0]?.deeds).toEqual([]);
});

test("killAll ends every host but the launcher's loop; ended() waits for them", async () => {
  const { pool, hosts } = poolOfFakes();
  pool.lease(row("a.main", "worker"), listener());
  pool.lease(row("b.main", "process"), listener());
  pool.lease(row("c.main", "inline"), listener());
  pool.killAll();
  await pool.ended();
  expect(hosts.map(({ deeds }) => deeds)).toEqual([["kill"], ["kill"], []]);
});
