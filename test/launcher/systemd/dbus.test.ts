// D-Bus in bytes: what is sent, what is read, and what arrives in pieces.
import { expect, test } from "bun:test";
import { type BusMessage, encodeCall, MessageSplitter } from "../../../src/launcher/systemd/dbus-message.ts";
import {
  BusReader,
  type BusValue,
  BusWriter,
  splitSignature,
  Variant,
} from "../../../src/launcher/systemd/dbus-types.ts";

/** What a call looks like to whoever reads it: the same form as replies and signals. */
function readBack(bytes: Uint8Array): BusMessage | undefined {
  return new MessageSplitter().push(bytes)[0];
}

const CALL = {
  path: "/org/freedesktop/systemd1",
  interface: "org.freedesktop.systemd1.Manager",
  member: "StartUnit",
  signature: "ss",
  body: ["tcs@dome.main.service", "replace"],
};

test("a call says where it goes, and what it brings", () => {
  expect(readBack(encodeCall(CALL, 7))).toMatchObject({
    kind: "call",
    serial: 7,
    member: "StartUnit",
    path: CALL.path,
    body: CALL.body,
  });
});

test("messages that arrive byte by byte, or several at once, are told each", () => {
  const bytes = Buffer.concat([encodeCall(CALL, 1), encodeCall({ ...CALL, body: ["ä.service", ""] }, 2)]);
  const whole = new MessageSplitter().push(bytes);
  expect(whole.map(({ serial, body }) => [serial, body])).toEqual([
    [1, CALL.body],
    [2, ["ä.service", ""]],
  ]);
  const splitter = new MessageSplitter();
  expect([...bytes].flatMap((byte) => splitter.push(Uint8Array.of(byte)))).toEqual(whole);
});

test.each([
  ["s", "ok"],
  ["b", true],
  ["i", -1],
  ["u", 4_294_967_295],
  ["y", 255],
  ["o", "/a/b"],
  ["g", "a{sv}"],
  ["as", ["a", "", "ccc"]],
  ["ayas", [1, 2, 3]],
  ["(sub)", ["x", 1, false]],
  [
    "a(uo)",
    [
      [1, "/"],
      [2, "/job/2"],
    ],
  ],
] as [string, BusValue][])("a value of type %s comes back as it was", (type, value) => {
  const [first = ""] = splitSignature(type);
  const writer = new BusWriter();
  // Something before it, so that it must be aligned.
  writer.write("y", 1);
  writer.write(first, value);
  const reader = new BusReader(writer.bytes());
  reader.read("y");
  expect(reader.read(first)).toEqual(first === "i" ? -1 : value);
});

test("a variant is read as its value, a dictionary as a map", () => {
  const writer = new BusWriter();
  writer.write("v", new Variant("as", ["a", "b"]));
  expect(new BusReader(writer.bytes()).read("v")).toEqual(["a", "b"]);
  // {"a": variant 5 (u)}: length, padding to 8, then the entry.
  const bytes = Uint8Array.of(16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 97, 0, 1, 117, 0, 0, 0, 0, 5, 0, 0, 0);
  expect(new BusReader(bytes).read("a{sv}")).toEqual(new Map([["a", 5]]));
});

test("what is no D-Bus is refused, whatever it is", () => {
  expect(() => new MessageSplitter().push(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))).toThrow();
  expect(() => splitSignature("a{s")).toThrow("no D-Bus signature");
  expect(() => encodeCall({ ...CALL, body: ["only one"] }, 1)).toThrow("value 2 is missing");
});
