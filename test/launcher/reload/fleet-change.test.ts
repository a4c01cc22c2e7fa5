// What a reload finds different, and what it makes of it: a pure function of two readings.
import { describe, expect, test } from "bun:test";
import type { FleetReading } from "../../../src/config/fleet-source.ts";
import { loadFleetText } from "../../../src/config/load-fleet.ts";
import {
  type Effect,
  type FleetChange,
  fleetChange,
  withoutIdle,
  withToldAsTheyAre,
} from "../../../src/launcher/reload/index.ts";
import type { RunnerState } from "../../../src/launcher/runner-standing.ts";
import type { ServiceRunner } from "../../../src/launcher/service-runner.ts";

type Env = Record<string, string>;

/** A reading of a file with these rows (or of this whole file). */
async function reading(yaml: string, env: Env = {}): Promise<FleetReading> {
  const fleet = await loadFleetText({
    file: "services.yaml",
    text: yaml.includes("services:") ? yaml : `services:\n${yaml}`,
    env,
    builtinTypes: new Set(["a", "b", "c", "deep.thing"]),
    modules: { isFile: (path) => /\/(x|y)\.ts$/.test(path), syntaxFault: () => undefined },
  });
  return { fleet, env, apart: [] };
}

async function change(before: string, after: string, envBefore: Env = {}, envAfter = envBefore): Promise<FleetChange> {
  return fleetChange(await reading(before, envBefore), await reading(after, envAfter));
}

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
const summary = ({ added, removed, changed, unchanged }: FleetChange) => ({
  added: ids(added),
  removed: ids(removed),
  changed: changed.map(({ row, keys, effect }) => [row.id, keys.join(","), effect]),
  unchanged: ids(unchanged),
});

test("rows are told apart by their ids: added, removed, changed, unchanged", async () => {
  const found = await change(
    " - {type: a}\n - {type: a, variant: old}\n - {type: b, n: 1}\n",
    " - {type: b, n: 2}\n - {type: a}\n - {type: a, variant: new}\n",
  );
  expect(summary(found)).toEqual({
    added: ["a.new"],
    removed: ["a.old"],
    changed: [["b.main", "n", "told"]],
    unchanged: ["a.main"],
  });
});

describe("a row that means the same is unchanged", () => {
  test.each([
    ["on another line", " - {type: a, n: 1}\n", "\n\n - {type: a, n: 1}\n"],
    ["written as text", " - a.main\n", " - {type: a, variant: main}\n"],
    [
      "with its keys in another order",
      " - {type: a, n: 1, m: {x: 1, y: 2}}\n",
      " - {m: {y: 2, x: 1}, n: 1, type: a}\n",
    ],
    ["with a default written out", " - {type: a}\n", " - {type: a, restart: no, launcher: worker, log_level: info}\n"],
  ])("%s", async (_, before, after) => {
    expect(summary(await change(before, after))).toMatchObject({ changed: [], unchanged: ["a.main"] });
  });

  test("and is given on as it stands now, for its place in the file", async () => {
    const { unchanged } = await change(" - a\n", "\n\n - a\n");
    expect(unchanged[0]?.position?.line).toBe(4);
  });
});

/** A key of the row, and what its change means. */
const KEYS: [string, string, string, Effect][] = [
  ["launcher", "", "launcher: process", "restart"],
  ["group", "", "group: g", "restart"],
  ["group", "group: g", "group: h", "restart"],
  ["log_level", "", "log_level: debug", "restart"],
  ["runner_id", "", "runner_id: r", "restart"],
  ["watchdog_sec", "", "watchdog_sec: 5", "restart"],
  ["module", "module: ./x.ts", "module: ./y.ts", "restart"],
  ["interval", "interval: 1", "interval: 2", "told"],
  ["interval", "interval: 1", "", "told"],
  ["limits", "limits: {max: 1}", "limits: {max: 2}", "told"],
  ["targets", "targets: [1, 2]", "targets: [2, 1]", "told"],
  ["interval", "interval: 1", "interval: '1'", "told"],
  ["interval,message", "", "interval: 1, message: x", "told"],
  ["log_level,interval", "interval: 1", "interval: 2, log_level: debug", "restart"],
  ["restart", "", "restart: always", "live"],
  ["restart_sec", "", "restart_sec: 1", "live"],
  ["restart_sec", "launcher: systemd", "launcher: systemd, restart_sec: 1", "next start"],
  ["after", "launcher: systemd", "launcher: systemd, after: b.main", "live"],
  ["restart_sec,restart_max,restart_window", "", "restart_sec: 1, restart_max: 2, restart_window: 3", "live"],
  ["restart_backoff,restart_sec_max", "", "restart_backoff: 2, restart_sec_max: 9", "live"],
  ["after", "", "after: b.main", "live"],
  ["standby", "", "standby: true", "live"],
  ["restart,interval", "", "restart: always, interval: 2", "told"],
  ["schedule", "schedule: every 1s", "schedule: every 2s", "live"],
  ["overlap,missed", "schedule: every 1s", "schedule: every 1s, overlap: queue, missed: run", "live"],
  ["schedule,restart", "schedule: every 1s", "schedule: every 2s, restart: always", "live"],
  ["interval", "schedule: every 1s", "schedule: every 1s, interval: 2", "told"],
  ["schedule,interval", "schedule: every 1s", "schedule: every 2s, interval: 2", "told"],
  ["config_reload", "", "config_reload: live", "live"],
  ["config_reload,interval", "interval: 1", "interval: 2, config_reload: live", "told"],
  ["config_reload,interval", "interval: 1", "interval: 2, config_reload: restart", "restart"],
  ["config_reload,interval", "interval: 1", "interval: 2, config_reload: ignore", "next start"],
  ["config_reload,launcher,interval", "interval: 1", "interval: 2, config_reload: ignore, launcher: inline", "restart"],
  [
    "interval",
    "config_reload: restart, schedule: every 1s",
    "config_reload: restart, schedule: every 1s, interval: 2",
    "next run",
  ],
  ["launcher", "schedule: every 1s", "schedule: every 1s, launcher: inline", "next run"],
  ["schedule", "", "schedule: every 1s", "restart"],
  ["schedule", "schedule: every 1s", "", "restart"],
];
test.each(KEYS)("%s: from {%s} to {%s} is %s", async (keys, before, after, effect) => {
  const row = (text: string) => ` - {type: a${text === "" ? "" : `, ${text}`}}\n - b\n`;
  const { changed, unchanged } = await change(row(before), row(after));
  expect(ids(unchanged)).toEqual(["b.main"]);
  expect(changed.length).toBe(1);
  expect(changed[0]?.keys.toSorted()).toEqual(keys.split(",").toSorted());
  expect(changed[0]?.effect).toBe(effect);
});

test("a service that is not to run now takes its new row when it starts; what it need not know counts at once", async () => {
  const found = await change(
    " - a\n - {type: b, n: 1}\n - {type: c, n: 1}\n",
    " - {type: a, restart: always}\n - {type: b, n: 2}\n - {type: c, n: 2}\n",
  );
  expect(withoutIdle(found, (id) => id !== "c.main").changed.map(({ effect }) => effect)).toEqual([
    "live",
    "next start",
    "told",
  ]);
});

/** What a runner is, as far as it matters here. */
type Standing = { state: RunnerState; hears?: boolean };

describe("new values are told to a service that runs and hears of them;", () => {
  const effectFor = async (more: string, standing: Standing) => {
    const found = await change(` - {type: a, n: 1${more}}\n`, ` - {type: a, n: 2${more}}\n`);
    const config = standing.hears === undefined ? undefined : { hears: standing.hears };
    // Nothing else of a runner is looked at.
    const launcher = { get: () => ({ state: standing.state, config }) as unknown as ServiceRunner };
    return withToldAsTheyAre(found, launcher).changed[0]?.effect;
  };
  const hears: Standing = { state: "running", hears: true };
  const deaf: Standing = { state: "running", hears: false };
  const OTHERS: RunnerState[] = ["idle", "pending", "starting", "stopping", "waiting", "ended"];

  test.each<[string, Standing, Effect]>([
    ["", hears, "told"],
    ["", deaf, "restart"],
    [", config_reload: live", hears, "told"],
    [", config_reload: live", deaf, "told"],
    [", config_reload: live", { state: "starting", hears: false }, "told"],
    [", config_reload: restart", hears, "restart"],
    [", config_reload: ignore", hears, "next start"],
    [", schedule: every 1h", hears, "told"],
    [", schedule: every 1h", deaf, "next run"],
    [", schedule: every 1h, config_reload: live", deaf, "told"],
    [", schedule: every 1h, config_reload: live", { state: "ended" }, "next run"],
    ...OTHERS.map((state): [string, Standing, Effect] => ["", { state }, "restart"]),
    ...OTHERS.map((state): [string, Standing, Effect] => [", schedule: every 1h", { state }, "next run"]),
    ...OTHERS.filter((state) => state !== "starting").map((state): [string, Standing, Effect] => [
      ", config_reload: live",
      { state },
      "live",
    ]),
  ])("{n: 1%s}, %j: %s", async (more, standing, effect) => {
    expect(await effectFor(more, standing)).toBe(effect);
  });
});

describe("what stands elsewhere in the file counts for the rows it concerns", () => {
  test("defaults, but not for rows that say it themselves", async () => {
    const file = (sec: number) => `defaults: {restart_sec: ${sec}}\nservices:\n - a\n - {type: b, restart_sec: 7}\n`;
    expect(summary(await change(file(1), file(2)))).toMatchObject({
      changed: [["a.main", "restart_sec", "live"]],
      unchanged: ["b.main"],
    });
  });
  test("the home of a launcher", async () => {
    const file = (type: string) =>
      `launchers: {night: {type: ${type}, services: [a, {type: b, launcher: inline}]}}\nservices: []\n`;
    expect(summary(await change(file("worker"), file("process")))).toMatchObject({
      changed: [["a.main", "launcher", "restart"]],
      unchanged: ["b.main"],
    });
  });
  test("the log level of all", async () => {
    expect(summary(await change("services: [a]\n", "log_level: debug\nservices: [a]\n")).changed).toEqual([
      ["a.main", "log_level", "restart"],
    ]);
  });
  test("the registry", async () => {
    expect(summary(await change("services: [a]\n", "registry: {a: ./x.ts}\nservices: [a]\n")).changed).toEqual([
      ["a.main", "module", "restart"],
    ]);
  });
});

describe("the environment", () => {
  const rows = ` - {type: a, at: "\${SITE}"}\n - b\n`;

  test("counts for rows that have a variable in them", async () => {
    expect(summary(await change(rows, rows, { SITE: "ocm" }, { SITE: "krk" }))).toMatchObject({
      changed: [["a.main", "at", "told"]],
      unchanged: ["b.main"],
    });
  });

  test("also where only the text of a variable differs, not the number it is", async () => {
    expect(summary(await change(rows, rows, { SITE: "1.0" }, { SITE: "1.00" })).changed).toEqual([
      ["a.main", "at", "told"],
    ]);
  });

  test("counts for the services whose fields it names", async () => {
    const three = " - a\n - {type: a, variant: x}\n - deep.thing\n";
    const found = await change(three, three, { A_N: "1", DEEP_THING_MAX: "1" }, { DEEP_THING_MAX: "1" });
    expect(summary(found)).toMatchObject({
      changed: [
        ["a.main", "A_N", "told"],
        ["a.x", "A_N", "told"],
      ],
      unchanged: ["deep.thing.main"],
    });
    const periodic = " - {type: a, schedule: every 1s}\n";
    expect(summary(await change(periodic, periodic, {}, { A_N: "1" })).changed).toEqual([["a.main", "A_N", "told"]]);
  });

  test("is told where it is nobody's, by name and not by value", async () => {
    const found = await change(" - a\n", " - a\n", { OTHER: "hunter2" }, { OTHER: "hunter3" });
    expect(summary(found).unchanged).toEqual(["a.main"]);
    expect(found.notes).toEqual([".env: OTHER changed; services that read it themselves see it when they start next"]);
  });
});

describe("what only a new launcher can have is named", () => {
  test.each([
    ["nats", "services: [a]\n", "nats: {port: 4333}\nservices: [a]\n"],
    ["nats", "nats: {port: 4222}\nservices: [a]\n", "nats: {port: 4333}\nservices: [a]\n"],
    ["nats", "nats: {host: h, user: u}\nservices: [a]\n", "nats: {host: h, user: v}\nservices: [a]\n"],
    ["nats", "nats: {host: h}\nservices: [a]\n", "nats: {host: h, required: true}\nservices: [a]\n"],
    ["lease_sec", "services: [a]\n", "lease_sec: 20\nservices: [a]\n"],
    ["nats.subject_prefix", "services: [a]\n", "nats: {subject_prefix: ocm.svc}\nservices: [a]\n"],
  ])("%s", async (what, before, after) => {
    expect((await change(before, after)).refused).toEqual([what]);
    expect((await change(before, before)).refused).toEqual([]);
  });
});

test("what is read at the start only is told, and changes no service", async () => {
  const found = await change("services: [a]\n", "logs: {files: 2}\nmetrics: 9464\nservices: [a]\n");
  expect(summary(found).unchanged).toEqual(["a.main"]);
  expect(found.notes).toEqual(["logs and metrics: what changed counts when the launcher is started again"]);
});

test("the launcher's own settings are told, and change no service", async () => {
  const found = await change(
    "services: [{type: a, launcher: worker}]\n",
    "terminate_delay: 20\ndefaults: {launcher: process}\nservices: [{type: a, launcher: worker}]\n",
  );
  expect(summary(found).unchanged).toEqual(["a.main"]);
  expect(found.notes).toEqual([
    "terminate_delay: 20 s instead of 10 s, for services that start from now on",
    'the launcher keeps "worker" in its name until it is started again',
  ]);
});
