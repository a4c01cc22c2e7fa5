// What a launcher knows of the configuration of one life: told in turn, answered late or never, and what is open.
import { describe, expect, test } from "bun:test";
import type { ConfigureOutcome, ServiceSpec, ToHost } from "../../src/host/protocol.ts";
import { type ConfigNote, LiveConfig } from "../../src/launcher/live-config.ts";

const spec = (n: number, more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  ...{ id: "a.main", type: "a", variant: "main", module: { kind: "builtin", type: "a" }, logLevel: "info" },
  ...{
    fields: { n },
    overrides: {},
    variables: {},
    subjectPrefix: "svc",
    heartbeatIntervalMs: 1,
    healthcheckIntervalMs: 1,
  },
  ...{ watchdogMs: 1, terminateDelayMs: 1 },
  ...more,
});

function life({ isStarted = true } = {}) {
  const sent: ToHost[] = [];
  const notes: ConfigNote[] = [];
  const config = new LiveConfig({
    spec: spec(1),
    send: (message) => sent.push(message),
    onNote: (note) => notes.push(note),
    answerLimitMs: 50,
  });
  if (isStarted) config.start(true);
  const answer = (requestId: number, outcome: ConfigureOutcome) =>
    config.onMessage({ kind: "configured", id: "a.main", requestId, outcome });
  const told = () => sent.flatMap((message) => (message.kind === "configure" ? [message.spec.fields.n] : []));
  return { config, sent, notes, answer, told };
}
const applied = (...keys: string[]): ConfigureOutcome => ({ result: "applied", keys });

test("what it is to have is told, and noted with the answer", async () => {
  const { config, notes, answer, told } = life();
  config.want(spec(2));
  const outcome = config.tell();
  await Bun.sleep(0);
  expect(told()).toEqual([2]);
  answer(1, applied("n"));
  expect(await outcome).toEqual({ result: "applied", keys: ["n"] });
  expect(notes).toMatchObject([{ result: "applied", keys: ["n"] }]);
});

test("while it is asked, the next waits, and of several only the latest is told", async () => {
  const { config, answer, told } = life();
  const outcomes = [2, 3, 4].map((n) => {
    config.want(spec(n));
    return config.tell();
  });
  await Bun.sleep(0);
  // They were wanted before the first was sent.
  expect(told()).toEqual([4]);
  config.want(spec(5));
  const fifth = config.tell();
  config.want(spec(6));
  const sixth = config.tell();
  answer(1, applied("n"));
  expect(await Promise.all(outcomes)).toEqual([applied("n"), applied("n"), applied("n")]);
  await Bun.sleep(0);
  expect(told()).toEqual([4, 6]);
  answer(2, { result: "refused", keys: ["n"], reason: "no" });
  expect(await fifth).toEqual(await sixth);
});

test("it is told when it is started, not before", async () => {
  const { config, told } = life({ isStarted: false });
  config.want(spec(2));
  void config.tell();
  await Bun.sleep(0);
  expect(told()).toEqual([]);
  config.start(false);
  await Bun.sleep(0);
  expect(told()).toEqual([2]);
});

test("one that ends, before or after it was told, has answered with that", async () => {
  for (const isStarted of [false, true]) {
    const { config } = life({ isStarted });
    config.want(spec(2));
    const outcome = config.tell();
    await Bun.sleep(0);
    config.end();
    expect(await outcome).toEqual({ result: "ended" });
    expect(await config.tell()).toEqual({ result: "ended" });
  }
});

test("no answer counts as a refusal; one that comes late still counts", async () => {
  const { config, notes, answer } = life();
  config.want(spec(2));
  expect(await config.tell()).toMatchObject({
    result: "refused",
    keys: ["n"],
    reason: expect.stringContaining("0.05 s"),
  });
  expect(config.note).toMatchObject({ result: "refused" });
  answer(1, applied("n"));
  expect(config.note).toMatchObject({ result: "applied" });
  answer(1, { result: "refused", keys: [], reason: "twice" });
  answer(7, { result: "refused", keys: [], reason: "of nobody" });
  expect(notes.map(({ result }) => result)).toEqual(["refused", "applied"]);
});

describe("what is ignored", () => {
  test("is remarked with the fields that differ from what it runs with, and taken back when none do", async () => {
    const { config, sent, notes } = life();
    config.ignore();
    expect(sent).toEqual([]);
    config.want(spec(2, { overrides: { x: "1" }, variables: { A_Y: "2" }, texts: { "limits.max": "3" } }));
    config.ignore();
    await Bun.sleep(0);
    const text = "configuration changed (n, x, limits, A_Y): it counts from the next start";
    expect(sent).toEqual([{ kind: "remark", id: "a.main", text }]);
    expect(notes).toMatchObject([{ result: "ignored", keys: ["n", "x", "limits", "A_Y"] }]);
    config.want(spec(1));
    config.ignore();
    await Bun.sleep(0);
    expect(sent.at(-1)).toEqual({ kind: "remark", id: "a.main" });
    expect(config.note).toBeUndefined();
  });

  test("is remarked when it is started: before that its host does not know it", async () => {
    const { config, sent } = life({ isStarted: false });
    config.want(spec(2));
    config.ignore();
    await Bun.sleep(0);
    expect(sent).toEqual([]);
    config.start(false);
    await Bun.sleep(0);
    expect(sent).toMatchObject([{ kind: "remark" }]);
  });

  test("is measured by what it has taken since its start", async () => {
    const { config, sent, answer } = life();
    config.want(spec(2));
    const outcome = config.tell();
    await Bun.sleep(0);
    answer(1, applied("n"));
    await outcome;
    config.want(spec(1));
    config.ignore();
    await Bun.sleep(0);
    expect(sent.at(-1)).toMatchObject({ kind: "remark", text: expect.stringContaining("(n)") });
  });
});
