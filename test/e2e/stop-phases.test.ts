// A stop, or a storm of stops and starts, while a service is pending, starting, waiting for its restart, or stopping:
// the last order wins, and exactly one instance runs after a start, none after a stop.
import { describe, expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats";
import { OWN_HOMES } from "../../src/config/types.ts";
import { askRpc, Subjects } from "../../src/messaging/index.ts";
import { mayFollow } from "../soak/invariants/event-order.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { countable, instancesOf, isGone } from "../support/instances.ts";
import { waitFor } from "../support/wait.ts";

/** Until the file is there; heeds a stop. */
const until = (file: string) =>
  `while (this.isRunning && !(await Bun.file("${file}").exists())) await this.sleep(0.02);`;

/** Services that come into a phase by themselves and leave it when they may, with the word that `list` has for it. */
const PHASES = {
  pending: { yaml: "type: pending, after: [gate.main]", file: countable() },
  starting: { yaml: "type: starting", file: countable(until("go")) },
  restarting: {
    yaml: "type: restarting, restart: always, restart_sec: 600",
    file: countable(`if (!(await Bun.file("go").exists())) throw new Error("no power");`),
  },
  stopping: {
    yaml: "type: stopping",
    file: countable("", `while (!(await Bun.file("go").exists())) await Bun.sleep(10);`),
  },
} as const;
const NAMES = ["pending", "starting", "restarting", "stopping"] as const;
type Phase = (typeof NAMES)[number];
const idOf = (phase: Phase) => `${phase}.main`;

interface Control extends AsyncDisposable {
  fleet: TestFleet;
  order(verb: "start" | "stop", id: string): Promise<Record<string, unknown>>;
  stateOf(id: string): Promise<unknown>;
}

/** A fleet whose services are each in their phase. */
async function inTheirPhases(home: string): Promise<Control> {
  const stack = new AsyncDisposableStack();
  try {
    const rows = [...NAMES.map((name) => PHASES[name].yaml), "type: gate", "type: witness"];
    const files = NAMES.map((name) => [`${name}.ts`, serviceFile(PHASES[name].file)]);
    const fleet = stack.use(
      await runFleet({
        yaml: `services:\n${rows.map((row) => `  - {${row}}\n`).join("")}`,
        files: {
          ...Object.fromEntries(files),
          "gate.ts": serviceFile(`async onStart() { ${until("go")} }\n${LOOP}`),
          "witness.ts": serviceFile(countable()),
        },
        args: ["--launcher", home],
      }),
    );
    const connection: NatsConnection = await connect({ servers: fleet.broker.url });
    stack.defer(() => connection.close());
    const { data } = await fleet.wire.waitForEvent("declared", "witness.main");
    const ask = (command: string) =>
      askRpc(connection, new Subjects().rpc(String(data.parent), command), {}, { limitMs: 25_000 });
    const control: Control = {
      fleet,
      order: (verb, id) => ask(`${verb}.${id}`),
      async stateOf(id) {
        const { services } = await ask("list");
        const rows = Array.isArray(services) ? services : [];
        return rows.map(Object).find(({ service_id }) => service_id === id)?.state;
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
    for (const phase of ["pending", "starting", "restarting"] as const) {
      await waitFor(`${phase}.main to be ${phase}`, async () => (await control.stateOf(idOf(phase))) === phase);
    }
    await fleet.wire.waitForEvent("ready", "stopping.main");
    await fleet.wire.waitForEvent("ready", "witness.main");
    return control;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** What its launcher has told of its lives, in order. */
const eventsOf = async ({ wire }: TestFleet, id: string) => {
  await wire.flush();
  return wire.story(id).filter((told) => !told.startsWith("status "));
};

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test.concurrent("a stop during each phase ends it, and after a start exactly one instance runs", async () => {
      await using control = await inTheirPhases(home);
      const { fleet, order, stateOf } = control;
      const first = order("stop", "stopping.main");
      await waitFor("stopping.main to be stopping", async () => (await stateOf("stopping.main")) === "stopping");
      const second = order("stop", "stopping.main");
      for (const phase of ["pending", "starting", "restarting"] as const) {
        expect(await order("stop", idOf(phase))).toMatchObject({ result: "stopped", done: true, was: phase });
      }
      await fleet.folder.write("go", "");
      expect(await first).toMatchObject({ result: "stopped", done: true, was: "running" });
      expect(await second).toMatchObject({ result: "stopped", done: true, was: "stopping" });
      await fleet.wire.waitForEvent("ready", "gate.main");
      for (const phase of NAMES) {
        const id = idOf(phase);
        expect([id, await stateOf(id), await isGone(fleet, id, "witness.main")]).toEqual([id, "stopped", true]);
        expect(await order("start", id)).toMatchObject({ result: "started", done: true, now: "running" });
        expect([id, await instancesOf(fleet, id)]).toEqual([id, 1]);
      }
    });

    for (const last of ["start", "stop"] as const) {
      test.concurrent(`a storm of starts and stops that begins in each phase, and ends with a ${last}, does what that says`, async () => {
        await using control = await inTheirPhases(home);
        const { fleet, order, stateOf } = control;
        const stop = order("stop", "stopping.main");
        await waitFor("stopping.main to be stopping", async () => (await stateOf("stopping.main")) === "stopping");
        const storm = Array.from({ length: 30 }, () => ["start", "stop"] as const).flat();
        const answers = NAMES.map((phase) =>
          Promise.all(
            [...(last === "start" ? ["stop" as const] : []), ...storm, last].map((verb) => order(verb, idOf(phase))),
          ),
        );
        await fleet.folder.write("go", "");
        await stop;
        for (const [index, phase] of NAMES.entries()) {
          const id = idOf(phase);
          const all = (await answers[index]) ?? [];
          expect(all.length).toBe(storm.length + (last === "start" ? 2 : 1));
          expect([id, all.at(-1)?.done, await stateOf(id)]).toEqual([
            id,
            true,
            last === "start" ? "running" : "stopped",
          ]);
          if (last === "start") expect([id, await instancesOf(fleet, id)]).toEqual([id, 1]);
          else expect([id, await isGone(fleet, id, "witness.main")]).toEqual([id, true]);
          const story = await eventsOf(fleet, id);
          expect(story.filter((event, index) => !mayFollow(story.slice(0, index), event))).toEqual([]);
          expect(story).toContain("stop");
        }
      });
    }
  });
}
