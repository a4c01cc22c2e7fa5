// New values for services that run: told, taken or refused, without a restart; and one instance with them, whatever it does.
import { describe, expect, test } from "bun:test";
import { HOMES } from "../../src/config/types.ts";
import { LOOP, runFleet, type TestFleet } from "../support/fleet.ts";
import { askFleet, change, instancesOf, reload } from "../support/reload.ts";
import { waitFor } from "../support/wait.ts";

/** Tells its `n` at the start and when it is told another, and answers for what it has. `hook` is the body of its `onConfigChange`. */
const service = (hook: string | undefined, more = "", base = "BaseBlockingPermanentService", loop = LOOP) =>
  `import { ${base}, BaseServiceConfig, rpc, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  n: z.number().default(0),
  limits: z.object({ max: z.number().default(1) }).prefault({}),
  pass: z.string().meta({ secret: true }).default("nothing yet"),
});
@service({ config: Config })
export class Thing extends ${base}<typeof Config> {
  onStart() { this.logger.info("starts with " + this.config.n); }
  ${loop}
  ${hook === undefined ? "" : `async onConfigChange(next, previous) { ${hook} }`}
  @rpc("have") have() { return { n: this.config.n, max: this.config.limits.max }; }
  ${more}
}
`;
const TAKES = 'this.logger.info("told " + previous.n + " -> " + next.n + ", has " + this.config.n);';
const REFUSES = `if (next.n > 9) throw new Error("more than 9 of " + next.pass); ${TAKES}`;

const row = (fields: string) => `services:\n  - {type: thing, ${fields}}\n  - {type: hello_world, variant: other}\n`;

async function start(file: string, fields: string, ...args: string[]): Promise<TestFleet> {
  const fleet = await runFleet({ yaml: row(fields), files: { "thing.ts": file }, args });
  await Promise.all(["thing.main", "hello_world.other"].map((id) => fleet.wire.waitForEvent("ready", id)));
  return fleet;
}

/** What the service has now. */
async function has(fleet: TestFleet): Promise<unknown> {
  const { stdout } = await askFleet(fleet, "rpc", "thing.main", "have");
  return JSON.parse(stdout).n;
}

async function startsOf(fleet: TestFleet, id = "thing.main"): Promise<number> {
  await fleet.wire.flush();
  return fleet.wire.of("registry.start", id).length;
}

for (const home of HOMES) {
  describe(`in ${home}`, () => {
    test("a service with onConfigChange is told, and has the new values without a restart", async () => {
      await using fleet = await start(service(TAKES), "n: 1, pass: abracadabra", "--launcher", home);
      const answer = await change(fleet, row("n: 2, pass: sesame-open, limits: {max: 7}"));
      expect(answer).toMatchObject({ code: 0, result: "reloaded", done: true, not_running: [], warnings: [] });
      expect(answer.changed).toEqual([{ service_id: "thing.main", keys: ["n", "pass", "limits"], effect: "told" }]);
      expect(answer.told).toEqual([{ service_id: "thing.main", result: "applied", keys: ["n", "limits", "pass"] }]);
      // While it is asked it still has what it had.
      await fleet.tcs.waitForLine(/told 1 -> 2, has 1/);
      await fleet.tcs.waitForLine(
        /thing\.main +configuration changed: n 1 -> 2, limits\.max 1 -> 7, pass \*\*\* -> \*\*\*/,
      );
      expect(await has(fleet)).toBe(2);
      expect(await startsOf(fleet)).toBe(1);
      const declared = fleet.wire.of("registry.declared", "thing.main").at(-1)?.data;
      expect(declared).toMatchObject({ config_change: { result: "applied", keys: ["n", "limits", "pass"] } });
      expect((await askFleet(fleet, "why", "thing.main")).stdout).toMatch(
        /Values: +changed while it runs \(n, limits, pass\)/,
      );
      expect(fleet.tcs.stderr).not.toMatch(/abracadabra|sesame-open/);
    });

    test("one that refuses keeps what it has, and says so until the next good one", async () => {
      await using fleet = await start(service(REFUSES), "n: 1, pass: abracadabra", "--launcher", home);
      const answer = await change(fleet, row("n: 10, pass: sesame-open"));
      expect(answer).toMatchObject({ code: 1, result: "reloaded", done: false });
      expect(answer.told).toEqual([
        { service_id: "thing.main", result: "refused", keys: ["n", "pass"], reason: "more than 9 of ***" },
      ]);
      expect(await has(fleet)).toBe(1);
      // Its health is what it was: it works with what it has.
      await waitFor("its status", () => {
        const { status, message } = fleet.wire.of("status", "thing.main").at(-1)?.data ?? {};
        return (
          status === "ok" && message === "Service running; configuration change refused (n, pass): more than 9 of ***"
        );
      });
      expect((await askFleet(fleet, "list")).stdout).toMatch(/thing\.main .*configuration change refused \(n, pass\)/);
      expect((await askFleet(fleet, "why", "thing.main")).stdout).toMatch(
        /Values: +it has refused a change \(n, pass\).*more than 9/,
      );
      // It is told as long as it is so.
      const again = await askFleet(fleet, "reload");
      expect(again.code).toBe(1);
      expect(again.stderr).toContain("thing.main has refused its new values (n, pass): more than 9 of ***");
      expect(await change(fleet, row("n: 3"))).toMatchObject({ code: 0, done: true });
      expect(await has(fleet)).toBe(3);
      await waitFor(
        "its message",
        () => fleet.wire.of("status", "thing.main").at(-1)?.data.message === "Service running",
      );
      expect(await change(fleet, row("n: 11"))).toMatchObject({ code: 1, told: [{ result: "refused" }] });
      // What it has is what the file says again.
      expect(await change(fleet, row("n: 3"))).toMatchObject({ code: 0, told: [{ result: "unchanged" }] });
      expect(await reload(fleet)).toMatchObject({ code: 0, result: "unchanged", told: [] });
      expect(await startsOf(fleet)).toBe(1);
      expect(fleet.tcs.stderr).not.toMatch(/abracadabra|sesame-open/);
    });

    test("one without it is restarted, or as its row says: live, ignore", async () => {
      await using fleet = await start(service(undefined), "n: 1", "--launcher", home);
      expect((await change(fleet, row("n: 2"))).changed).toMatchObject([{ effect: "restart" }]);
      expect(await startsOf(fleet)).toBe(2);
      const live = await change(fleet, row("n: 3, config_reload: live"));
      expect(live.changed).toEqual([{ service_id: "thing.main", keys: ["n", "config_reload"], effect: "told" }]);
      await fleet.tcs.waitForLine(/configuration changed in place: n 2 -> 3/);
      expect(await has(fleet)).toBe(3);
      const ignored = await change(fleet, row("n: 4, config_reload: ignore"));
      expect(ignored).toMatchObject({ code: 0, done: true, changed: [{ effect: "next start" }], told: [] });
      expect(await has(fleet)).toBe(3);
      const message = "Service running; configuration changed (n): it counts from the next start";
      await waitFor("its status", () => fleet.wire.of("status", "thing.main").at(-1)?.data.message === message);
      expect((await askFleet(fleet, "list")).stdout).toContain(
        "configuration changed (n): it counts from the next start",
      );
      expect((await askFleet(fleet, "status")).stdout).toContain("configuration changed (n)");
      // Taken back: nothing is open.
      await change(fleet, row("n: 3, config_reload: ignore"));
      await waitFor(
        "its status",
        () => fleet.wire.of("status", "thing.main").at(-1)?.data.message === "Service running",
      );
      await change(fleet, row("n: 5, config_reload: ignore"));
      await askFleet(fleet, "restart", "thing.main");
      expect(await has(fleet)).toBe(5);
      expect(await startsOf(fleet)).toBe(3);
      expect(await instancesOf(fleet, "thing.main")).toBe(1);
      expect((await askFleet(fleet, "why", "thing.main")).stdout).not.toContain("Values:");
    });
  });
}
