// The round itself: no check can spoil it.
import { expect, test } from "bun:test";
import type { Check } from "../../src/doctor/check.ts";
import { diagnose } from "../../src/doctor/diagnose.ts";
import { ok, warning } from "../../src/doctor/finding.ts";
import { startNats } from "../support/nats.ts";
import { settingsFor } from "./support.ts";

const nowhere = { fault: "services.yaml is broken" };
const fine: Check = { name: "fine", needs: "nothing", run: async () => [ok("well")] };
const round = (checks: Check[], broker: Parameters<typeof diagnose>[0]["broker"] = nowhere) =>
  diagnose({ broker, groups: [{ title: "All", checks }] });

test("what a check throws is an error of that check, at once or later", async () => {
  const thrower: Check = {
    name: "thrower",
    needs: "nothing",
    run: () => {
      throw new Error("disk on fire");
    },
  };
  const rejecter: Check = { name: "rejecter", needs: "nothing", run: () => Promise.reject(new Error("later")) };
  const { level, reports } = await round([thrower, fine, rejecter]);
  expect(level).toBe("error");
  expect(reports.map(({ name, findings }) => [name, findings[0]?.level, findings[0]?.text])).toEqual([
    ["thrower", "error", "could not be checked: disk on fire"],
    ["fine", "ok", "well"],
    ["rejecter", "error", "could not be checked: later"],
  ]);
});

test("a check that hangs is given up after its limit, and holds nobody up", async () => {
  const hanger: Check = { name: "hanger", needs: "nothing", limitMs: 50, run: () => new Promise(() => undefined) };
  const { reports } = await round([hanger, fine]);
  expect(reports[0]).toMatchObject({
    late: true,
    findings: [{ level: "error", text: "gave no result within 0.05 s" }],
  });
  expect(reports[1]?.findings).toEqual([ok("well")]);
});

test("checks run side by side, but those that measure come first, alone", async () => {
  const order: string[] = [];
  const make = (name: string, alone: boolean): Check => ({
    name,
    needs: "nothing",
    alone,
    run: async () => {
      order.push(`${name} begins`);
      await Bun.sleep(5);
      order.push(`${name} ends`);
      return [ok(name)];
    },
  });
  const { reports } = await round([make("a", false), make("b", false), make("measure", true)]);
  expect(order).toEqual(["measure begins", "measure ends", "a begins", "b begins", "a ends", "b ends"]);
  expect(reports.map(({ name }) => name)).toEqual(["a", "b", "measure"]);
});

test("without a broker, what needs one is skipped; without JetStream, what needs that", async () => {
  const needs = (["nothing", "broker", "jetstream", "config"] as const).map(
    (need): Check => ({ name: need, needs: need, run: async () => [warning("w", "a")] }),
  );
  const without = await round(needs);
  expect(without.reachable).toBe(false);
  expect(without.reports.map(({ name, skipped }) => [name, skipped])).toEqual([
    ["nothing", undefined],
    ["broker", "broker"],
    ["jetstream", "broker"],
  ]);
  await using broker = await startNats({ jetstream: false });
  const plain = await round(needs, settingsFor(broker.url));
  expect(plain.reachable).toBe(true);
  expect(plain.level).toBe("warning");
  expect(plain.reports.map(({ name, skipped }) => [name, skipped])).toEqual([
    ["nothing", undefined],
    ["broker", undefined],
    ["jetstream", "jetstream"],
  ]);
});
