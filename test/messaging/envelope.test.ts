import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, encode, MetaSource } from "../../src/messaging/envelope.ts";

const WIRE = join(import.meta.dir, "../wire");
const bytes = (text: string) => new TextEncoder().encode(text);

interface Captured {
  subject: string;
  payload: { data?: Record<string, unknown>; meta: Record<string, unknown> };
}

/** Every message captured from the Python framework. */
function captured(): { file: string; message: Captured }[] {
  return readdirSync(WIRE)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const content: Captured | Captured[] = JSON.parse(readFileSync(join(WIRE, file), "utf8"));
      return (Array.isArray(content) ? content : [content]).map((message) => ({ file, message }));
    });
}

describe("messages of the Python framework", () => {
  for (const { file, message } of captured()) {
    test(`${file}: ${message.subject} is read whole`, () => {
      const decoded = decode(bytes(JSON.stringify(message.payload)));
      if (!decoded.ok) throw new Error(decoded.fault);
      expect(decoded.data as unknown).toEqual(message.payload.data);
      expect(decoded.meta as unknown).toEqual(message.payload.meta);
    });
  }

  test("what we send has every meta field that theirs always have, of the same kinds", () => {
    const sent = JSON.parse(new TextDecoder().decode(encode({ data: {}, meta: new MetaSource().next() })));
    for (const { message } of captured()) {
      for (const [key, value] of Object.entries(message.payload.meta)) {
        if (key === "status" || key === "error") continue;
        expect(typeof sent.meta[key]).toBe(typeof value);
      }
    }
  });
});

test("a sender is Messenger_ and ten characters, unlike any other, and its ids rise", () => {
  const source = new MetaSource();
  expect(source.sender).toMatch(/^Messenger_[A-Za-z0-9_-]{10}$/);
  expect(new MetaSource().sender).not.toBe(source.sender);
  expect([source.next().id, source.next().id]).toEqual(["msg-1", "msg-2"]);
});

test("a timestamp of the old, longer format is cut to seven numbers", () => {
  const meta = { ...new MetaSource().next(), ts: [2026, 11, 20, 22, 3, 6, 371927, 0, 1] };
  const decoded = decode(bytes(JSON.stringify({ data: {}, meta })));
  expect(decoded.ok && decoded.meta.ts).toEqual([2026, 11, 20, 22, 3, 6, 371927]);
});

describe("bad messages are a fault, never an exception", () => {
  const meta = new MetaSource("them").next();
  const cases: [string, Uint8Array, RegExp][] = [
    ["nothing at all", new Uint8Array(), /no UTF-8 JSON/],
    ["invalid UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), /no UTF-8 JSON/],
    ["half a message", bytes('{"data": {'), /no UTF-8 JSON/],
    ["JSON nested without end", bytes("[".repeat(1_000_000)), /no UTF-8 JSON/],
    ["a number", bytes("7"), /no JSON object/],
    ["an array", bytes("[]"), /no JSON object/],
    ["no meta", bytes('{"data": {}}'), /meta is missing/],
    ["meta as text", bytes('{"meta": "x"}'), /meta is missing/],
    ["data as a list", bytes(JSON.stringify({ data: [], meta })), /data is no JSON object/],
    ["a numeric id", bytes(JSON.stringify({ meta: { ...meta, id: 1 } })), /meta\.id/],
    ["a thirteenth month", bytes(JSON.stringify({ meta: { ...meta, ts: [2026, 13, 1, 0, 0, 0, 0] } })), /meta\.ts/],
    ["a trace level in words", bytes(JSON.stringify({ meta: { ...meta, trace_level: "debug" } })), /trace_level/],
    ["tags that are numbers", bytes(JSON.stringify({ meta: { ...meta, tags: [1] } })), /meta\.tags/],
  ];
  for (const [name, payload, fault] of cases) {
    test(name, () => {
      const decoded = decode(payload);
      expect(decoded.ok).toBe(false);
      expect(decoded.ok ? "" : decoded.fault).toMatch(fault);
    });
  }

  test("the fault names the sender when it can be read", () => {
    const decoded = decode(bytes(JSON.stringify({ meta: { ...meta, tags: "x" } })));
    expect(decoded).toEqual({ ok: false, fault: "meta.tags is no list of strings", sender: "them" });
  });
});

test("absent data and null data are both no data", () => {
  const meta = new MetaSource().next();
  for (const payload of [{ meta }, { data: null, meta }]) {
    const decoded = decode(bytes(JSON.stringify(payload)));
    expect(decoded.ok && decoded.data === undefined).toBe(true);
  }
});
