// The judgements that need no broker: facts in, findings out.
import { describe, expect, test } from "bun:test";
import type { ServiceInfo } from "../../src/client/index.ts";
import type { JsonObject } from "../../src/common/json.ts";
import { bytes } from "../../src/doctor/bytes.ts";
import { judgeAccount } from "../../src/doctor/checks/jetstream.ts";
import { judgeBucket } from "../../src/doctor/checks/owners.ts";
import { judgeVersions, pythonIds } from "../../src/doctor/checks/versions.ts";
import { judgeHosts, judgeOwn, narrow } from "../../src/doctor/clock-verdict.ts";
import { findDoubles } from "../../src/doctor/double-beats.ts";
import type { DescribedLauncher } from "../../src/doctor/fleet-look.ts";
import type { HistoryEntry } from "../../src/doctor/history.ts";
import { judgeStreams } from "../../src/doctor/stream-verdict.ts";
import type { StreamKind } from "../../src/messaging/snapshot.ts";
import { line } from "./support.ts";

const MIB = 2 ** 20;
const DAY = 86_400;

describe("a stream", () => {
  const stream = (config: JsonObject = {}, state: JsonObject = {}, kind: StreamKind = "status"): JsonObject => ({
    config: {
      name: `svc_${kind}`,
      subjects: [`svc.${kind}.>`],
      retention: "limits",
      storage: "file",
      discard: "old",
      max_bytes: 500 * MIB,
      max_age: -1,
      max_msgs: -1,
      max_msg_size: -1,
      ...config,
    },
    state: { messages: 100, bytes: 10_000, first_ts: at(0), last_ts: at(100), ...state },
  });
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20) + seconds * 1_000).toISOString();
  const judge = (config?: JsonObject, state?: JsonObject, kind: StreamKind = "status") =>
    judgeStreams(kind, `svc.${kind}.>`, [stream(config, state, kind)]).map(line);

  test.each<[string, JsonObject, JsonObject, StreamKind]>([
    ["as ours are made", { max_age: 30 * DAY * 1e9 }, {}, "status"],
    ["that an operator made larger, with replicas", { max_bytes: 5_000 * MIB, num_replicas: 3 }, {}, "status"],
    ["of a small broker, made smaller", { max_bytes: 2 * MIB }, {}, "status"],
    ["that stores the whole prefix", { subjects: ["svc.*.>"] }, {}, "status"],
    ["that stores everything", { subjects: [">"] }, {}, "heartbeat"],
    ["that is full, and reaches back for days", { max_bytes: MIB }, { bytes: MIB, last_ts: at(3 * DAY) }, "status"],
    ["of heartbeats for an hour", { max_age: 3_600 * 1e9 }, {}, "heartbeat"],
  ])("%s is well", (_, config, state, kind) => {
    expect(judge(config, state, kind)).toEqual([]);
  });

  test.each<[string, JsonObject, JsonObject, StreamKind, RegExp]>([
    [
      "with a part of the subject",
      { subjects: ["svc.status.dome.>"] },
      {},
      "status",
      /^error: svc_status stores only a part of svc\.status\.>: svc\.status\.dome\.> -> .*nats stream edit svc_status --subjects 'svc\.status\.>'$/,
    ],
    [
      "with one level of the subject",
      { subjects: ["svc.status.*"] },
      {},
      "status",
      /^error: svc_status stores only a part/,
    ],
    ["that readers empty", { retention: "workqueue" }, {}, "status", /^error: svc_status has retention "workqueue"/],
    [
      "that never acknowledges",
      { no_ack: true },
      {},
      "heartbeat",
      /^error: svc_heartbeat gives no acknowledgement.* --ack$/,
    ],
    ["that is sealed", { sealed: true }, {}, "log", /^error: svc_log is sealed/],
    ["in memory", { storage: "memory" }, {}, "status", /^warning: svc_status is kept in memory/],
    ["that refuses the new", { discard: "new" }, {}, "status", /^warning: .*--discard old$/],
    [
      "that is tiny",
      { max_bytes: 100_000 },
      {},
      "status",
      /^warning: svc_status has room for 98 KiB only, usual are 500 MiB -> nats stream edit svc_status --max-bytes 524288000$/,
    ],
    [
      "that takes small messages only",
      { max_msg_size: 1_024 },
      {},
      "status",
      /^warning: svc_status refuses messages of more than 1\.0 KiB/,
    ],
    [
      "that forgets declarations",
      { max_age: 7 * DAY * 1e9 },
      {},
      "registry",
      /^warning: svc_registry keeps messages for 7 d only: services that run longer are forgotten -> .* --max-age 0$/,
    ],
    [
      "that forgets heartbeats at once",
      { max_age: 60 * 1e9 },
      {},
      "heartbeat",
      /^warning: svc_heartbeat keeps messages for 1 m only/,
    ],
    [
      "that is full by bytes",
      { max_bytes: MIB },
      { bytes: MIB, last_ts: at(40) },
      "heartbeat",
      /^warning: svc_heartbeat is full and reaches back 40 s only/,
    ],
    ["that is full by messages", { max_msgs: 100 }, { messages: 100 }, "heartbeat", /^warning: svc_heartbeat is full/],
  ])("%s is not", (_, config, state, kind, expected) => {
    const findings = judge(config, state, kind);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(expected);
  });

  test("two that share the subject between them leave a gap", () => {
    const parts = ["svc.status.dome.>", "svc.status.camera.>"];
    const infos = parts.map((subject, i) => stream({ name: `part_${i}`, subjects: [subject] }));
    expect(judgeStreams("status", "svc.status.>", infos).map(line)).toEqual([
      expect.stringMatching(
        /^error: part_0 and part_1 store only a part of svc\.status\.>: svc\.status\.dome\.>, svc\.status\.camera\.>/,
      ),
    ]);
  });

  test("that says nothing of itself is no reason to fail", () => {
    expect(judgeStreams("status", "svc.status.>", [{}]).map(line)).toEqual([
      expect.stringMatching(/^error: a stream stores only a part/),
    ]);
  });
});

test.each([
  [-1, 5e9, /^ok: 5 streams, 4\.7 GiB stored, no limit for this account$/],
  [1e9, 1e8, /^ok: 5 streams, 95 MiB stored, 858 MiB of 954 MiB free$/],
  [1e9, 0.95e9, /^warning: .*nearly full/],
  [1e9, 1e9, /^error: .*0 B of 954 MiB free: full/],
])("an account with room for %d bytes that uses %d", (room, used, expected) => {
  const account = { streams: 5, storage: used, limits: { max_storage: room } };
  expect(judgeAccount(account).map(line)).toEqual([expect.stringMatching(expected)]);
});

describe("the bucket of owners", () => {
  const bucket = (config: JsonObject, bytesUsed = 1_000) => ({
    config: { max_age: 0, max_bytes: 16 * MIB, storage: "file", ...config },
    state: {
      bytes: bytesUsed,
      subjects: { "$KV.svc_owners.session_abc": 1, "$KV.svc_owners.dome.main": 1, "$KV.svc_owners.camera.main": 1 },
    },
  });
  const judge = (config: JsonObject, used?: number) => judgeBucket("svc_owners", bucket(config, used)).map(line);

  test("that is as ours counts who is in it", () => {
    expect(judge({})).toEqual(["ok: bucket svc_owners: 1 launcher, 2 services known"]);
  });
  test("that forgets, or is full, lets services run twice", () => {
    expect(judge({ max_age: 1e9 })).toEqual([expect.stringMatching(/^error: .*forgets.* --max-age 0$/)]);
    expect(judge({}, 16 * MIB)).toEqual([expect.stringMatching(/^error: .*is full \(16 MiB of 16 MiB\)/)]);
    expect(judge({ storage: "memory" })).toEqual([expect.stringMatching(/^warning: .*kept in memory/)]);
  });
});

describe("a clock", () => {
  test.each([
    [{ least: -0.4, most: 0.6 }, /^ok: the broker's within 0\.6 ms$/],
    [{ least: 200, most: 202 }, /^ok: 201 ms ahead of the broker's \(±1\.0 ms\)$/],
    [{ least: -3_001, most: -2_999 }, /^warning: 3\.0 s behind the broker's \(±1\.0 ms\) -> .*NTP/],
    [{ least: 3_599_999, most: 3_600_001 }, /^error: 1\.0 h ahead of the broker's .*NTP/],
    // A line so slow that nothing is certain.
    [{ least: -4_000, most: 6_000 }, /^ok: the broker's within 6\.0 s$/],
  ])("that is off by %o", (offset, expected) => {
    expect(line(judgeOwn(offset))).toMatch(expected);
  });

  test("several measurements leave what all of them allow; one that contradicts begins anew", () => {
    const first = narrow(undefined, { least: -5, most: 5 });
    expect(narrow(first, { least: -1, most: 9 })).toEqual({ least: -1, most: 5 });
    expect(narrow(first, { least: 100, most: 110 })).toEqual({ least: 100, most: 110 });
  });

  test("of another host is judged by its least delayed heartbeat", () => {
    const beats = (host: string, ...ahead: number[]) => ahead.map((aheadMs) => ({ host, aheadMs }));
    expect(judgeHosts([...beats("near", -1, -2), ...beats("busy", -4_000, -3), ...beats("late", -300)])).toEqual([]);
    const off = [...beats("behind", -7_000, -6_500), ...beats("future", 3_600_000), ...beats("ahead", 1_500, -20)];
    expect(judgeHosts(off).map(line)).toEqual([
      expect.stringMatching(/^warning: host ahead: its clock is 1\.5 s ahead of/),
      expect.stringMatching(/^warning: host behind: its clock is 6\.5 s behind the broker's ->/),
      expect.stringMatching(
        /^error: host future: its clock is 1\.0 h ahead of the broker's: its times are not believed/,
      ),
    ]);
  });
});

/** Heartbeats, one a second. `a3` is sender a with sequence 3; `p` a sender that counts nothing. */
function beats(...words: string[]): HistoryEntry[] {
  return words.map((word, i) => {
    const [, id = "dome.main", sender = "", sequence] = /^(?:(.+):)?([a-z]+)(\d+)?$/.exec(word) ?? [];
    const meta = { id: `msg-${i}`, sender, ts: [2026, 1, 1, 0, 0, 0, 0], trace_level: 10, message_type: "", tags: [] };
    return {
      subject: `svc.heartbeat.${id}`,
      data: { service_id: id, ...(sequence === undefined ? {} : { sequence: Number(sequence) }) },
      // A wire timestamp: seven integers.
      meta: { ...meta, ts: [2026, 1, 1, 0, 0, 0, 0] },
      time: i * 1_000,
    };
  });
}

describe("heartbeats of one id", () => {
  const doubles = (...words: string[]) => findDoubles(beats(...words), "svc");
  test.each([
    ["one process", ["a0", "a1", "a2"]],
    ["a restart in another process", ["a5", "a6", "b0", "b1"]],
    ["a restart within one launcher", ["a5", "a6", "a0", "a1"]],
    ["moved away and back", ["a5", "b0", "b1", "a0", "a1"]],
    ["two services of one launcher", ["x.y:a0", "x.z:a0", "x.y:a1", "x.z:a1"]],
    ["the same of Python", ["p", "p", "q", "q"]],
  ])("%s: no double", (_, words) => {
    expect(doubles(...words)).toEqual([]);
  });
  test.each([
    ["by turns", ["a5", "b2", "a6", "b3"], ["a", "b"]],
    ["one within the other", ["a5", "b2", "a6"], ["a", "b"]],
    ["two of Python", ["p", "q", "p"], ["p", "q"]],
    ["ours and Python's", ["a1", "q", "a2"], ["a", "q"]],
    ["three", ["a1", "b1", "c1", "a2", "b2", "c2"], ["a", "b", "c"]],
    ["two that restart", ["a5", "b2", "a6", "a0", "b3", "a1"], ["a", "b"]],
  ])("%s: a double", (_, words, senders) => {
    expect(doubles(...words)).toEqual([{ id: "dome.main", senders }]);
  });
});

describe("versions", () => {
  const launcher = (name: string, version: string | undefined, host = name): DescribedLauncher => ({
    // Of a launcher only these are looked at.
    info: { serviceId: `launcher.${name}`, host, pid: 7 } as ServiceInfo,
    answer: { kind: "described", version },
  });
  const silent = (name: string): DescribedLauncher => ({ ...launcher(name, undefined), answer: { kind: "silent" } });
  const judge = (launchers: DescribedLauncher[], python: string[] = []) =>
    judgeVersions(launchers, new Set(python), "1.0").map(line);

  test("one for all is well, also when this program is another", () => {
    expect(judge([launcher("a", "1.0"), launcher("b", "1.0")])).toEqual(["ok: 1.0 everywhere"]);
    expect(judge([launcher("a", "0.9")])).toEqual(["ok: all launchers run 0.9; this program is 1.0"]);
    expect(judge([])).toEqual(["ok: no launcher runs; this program is 1.0"]);
  });
  test("a mix is told with its hosts", () => {
    expect(judge([launcher("a", "1.0"), launcher("b", "0.9"), launcher("c", "1.0")])).toEqual([
      expect.stringMatching(/^warning: launchers of 2 versions: 1\.0 \(a, c\), 0\.9 \(b\) -> copy the same tcs/),
    ]);
  });
  test("a launcher that beats and does not answer is a doubt", () => {
    expect(judge([launcher("a", "1.0"), silent("b")])).toEqual([
      expect.stringMatching(/^warning: launcher\.b beats, and does not answer -> look at it on b \(pid 7\)/),
      "ok: 1.0 everywhere",
    ]);
  });
  test("the Python framework is known by heartbeats that count nothing, and is no trouble", () => {
    const ids = pythonIds(
      beats("dome.main:p", "camera.main:a0", "launcher.x:q", "moved.main:p", "moved.main:a0"),
      "svc",
    );
    expect([...ids]).toEqual(["dome.main", "launcher.x"]);
    expect(judge([silent("x"), launcher("a", "1.0")], [...ids])).toEqual([
      "ok: 1.0 everywhere",
      "ok: of the Python framework: 1 launcher, 1 service",
    ]);
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_023, "1.0 KiB"],
  [1_536, "1.5 KiB"],
  [10 * MIB, "10 MiB"],
  [2 ** 50, "1024 TiB"],
])("%d bytes are %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});
