import { describe, expect, test } from "bun:test";
import { formatLogRecord } from "../../src/common/log-line.ts";
import { LOG_LEVELS } from "../../src/common/logger.ts";
import { fileName, idOfFileName } from "../../src/logs/file-name.ts";
import { cutMessage, fromFileLine, fromWireLine, tailJson, toFileLine, toWireLine } from "../../src/logs/line.ts";
import { LogRing } from "../../src/logs/ring.ts";
import { NOON, record } from "./support.ts";

test.each(LOG_LEVELS)("a line of level %s reads as it was written, in a file and on the wire", (level) => {
  const given = record("two\nlines \u0000 \ud800 ☂", { level, time: NOON + 123 });
  const expected = { id: "dome.main", record: { ...given, message: "two\nlines \u0000 \ud800 ☂" } };
  expect(fromFileLine(toFileLine("dome.main", given).trimEnd())).toEqual(expected);
  const wire = JSON.parse(JSON.stringify(toWireLine("dome.main", given, "vm")));
  expect(fromWireLine(wire, 0)).toEqual({ ...expected, hostname: "vm" });
});

test("a line of a part of a service is the service's, and says which part", () => {
  const given = record("hello", { source: "camera" });
  expect(fromFileLine(toFileLine("dome.main", given))).toEqual({ id: "dome.main", record: given });
  expect(fromWireLine(toWireLine("dome.main", given, "vm"), 0)?.record.source).toBe("camera");
});

test("what is no line of ours is no line", () => {
  for (const text of ["", "{", "null", "[]", "12", '{"time":"soon","source":"a","message":"b"}', '{"message":"b"}']) {
    expect([text, fromFileLine(text)]).toEqual([text, undefined]);
  }
  expect(fromWireLine({ service_id: "a.b" }, 0)).toBeUndefined();
  expect(fromWireLine({ service_id: "a.b", message: "x", level: "odd" }, 7)?.record).toMatchObject({
    level: "info",
    time: 7,
  });
});

test("a line of an impossible time has that of its arrival, and can be shown", () => {
  const wire = { service_id: "a.b", message: "x", level: "info", timestamp: [300_000, 1, 1, 0, 0, 0, 0] };
  const line = fromWireLine(wire, NOON);
  expect(line?.record.time).toBe(NOON);
  expect(line && formatLogRecord(line.record, false)).toEndWith(" INFO     a.b  x");
});

test("a message of 5 MB is cut, and says so", () => {
  const { message } = cutMessage(record("x".repeat(5 * 2 ** 20)));
  expect(message.length).toBeLessThan(66_000);
  expect(message).toEndWith("… [cut: 5242880 characters]");
});

describe("log_tail", () => {
  test("is the last 20 lines", () => {
    const tail = tailJson(Array.from({ length: 30 }, (_, n) => record(`line ${n}`)));
    expect(tail.length).toBe(20);
    expect(tail.at(-1)).toEqual({ timestamp: [2026, 11, 20, 12, 0, 0, 0], level: "info", message: "line 29" });
  });

  test("is at most 8 KB, however long the lines", () => {
    const tail = tailJson(Array.from({ length: 30 }, () => record("☂".repeat(3_000))));
    expect(Buffer.byteLength(JSON.stringify(tail))).toBeLessThan(8_192);
    expect(tail.length).toBeGreaterThan(1);
  });
});

describe("the ring", () => {
  test("keeps the last 50 lines of each id", () => {
    const ring = new LogRing();
    for (let n = 0; n < 1_000; n++) ring.push("a.main", record(`${n}`));
    ring.push("b.main", record("b"));
    expect(ring.last("a.main").map(({ message }) => message)).toEqual(
      Array.from({ length: 50 }, (_, n) => `${950 + n}`),
    );
    expect(ring.last("a.main", 2).map(({ message }) => message)).toEqual(["998", "999"]);
    expect(ring.last("a.main", 0)).toEqual([]);
    expect(ring.last("b.main").length).toBe(1);
    expect(ring.last("c.main")).toEqual([]);
  });
});

describe("file names", () => {
  const ids = [
    "hello_world.main",
    "a/b.c",
    "../../etc.passwd",
    "dôme.☂",
    "a%2Fb.main",
    "launcher.launcher.x.vm",
    "a'(*)!.b",
  ];
  test.each(ids)("the id %s has a safe one, and is read from it again", (id) => {
    const name = fileName(id);
    expect(name).toMatch(/^[A-Za-z0-9._%-]+\.jsonl$/);
    expect(idOfFileName(name)).toBe(id);
  });

  test("no two ids share one", () => {
    const long = ids.map((id) => `${"☂".repeat(120)}.${id}`);
    expect(new Set([...ids, ...long].map(fileName)).size).toBe(2 * ids.length);
  });

  test("a very long id has one that is short enough, and is told by the lines", () => {
    const name = fileName(`${"☂".repeat(128)}.main`);
    expect(name.length).toBeLessThan(240);
    expect(idOfFileName(name)).toBeUndefined();
  });
});
