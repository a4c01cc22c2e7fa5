import { describe, expect, test } from "bun:test";
import { Decoder } from "../../src/zmtp/decoder.ts";
import { encode, encodeFrame } from "../../src/zmtp/encoder.ts";
import { ZmtpLimitError, ZmtpProtocolError } from "../../src/zmtp/errors.ts";
import type { Frame } from "../../src/zmtp/frame.ts";
import { seededRandom, wire } from "./bytes.ts";

const LIMITS = { maxFrameBytes: 1 << 20, maxMessageBytes: 1 << 20, maxFrames: 100 };

/** What comes out when these chunks go in; commands as `<name>`. */
function decode(chunks: Buffer[], limits = LIMITS): string[] {
  const out: string[] = [];
  const decoder = new Decoder(limits, (body) => out.push(`<${body.toString("latin1")}>`));
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let message = decoder.next(); message; message = decoder.next()) {
      out.push(message.map((frame) => frame.toString("latin1")).join("|"));
    }
  }
  return out;
}

function encoded(...frames: Frame[]): Buffer {
  const { pieces, bytes, size } = encode(frames);
  return pieces ? Buffer.concat(pieces) : Buffer.from(bytes.subarray(0, size));
}

const LONG = "l".repeat(300);
const STREAM = Buffer.concat([
  wire("one"),
  wire(""),
  wire("a", "", LONG, "z"),
  encodeFrame(Buffer.from("CMD"), 4),
  wire("in"),
  wire(LONG, LONG),
]);
const WHOLE = ["one", "", `a||${LONG}|z`, "<CMD>", "in", `${LONG}|${LONG}`];

describe("the decoder", () => {
  test("gives the same messages wherever the bytes are cut in two", () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      expect(decode([STREAM.subarray(0, cut), STREAM.subarray(cut)])).toEqual(WHOLE);
    }
  });

  test("gives the same messages from single bytes", () => {
    expect(decode([...STREAM].map((byte) => Buffer.from([byte])))).toEqual(WHOLE);
  });

  test("gives the same messages from chunks that were pushed before the first was read", () => {
    const out: string[] = [];
    const decoder = new Decoder(LIMITS, (body) => out.push(`<${body}>`));
    for (let at = 0; at < STREAM.length; at += 7) decoder.push(STREAM.subarray(at, at + 7));
    for (let message = decoder.next(); message; message = decoder.next()) out.push(message.join("|"));
    expect(out).toEqual(WHOLE);
    expect(decoder.hasInput).toBe(false);
  });

  test("puts together what the encoder made, for random messages cut at random", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 60; round++) {
      const messages = Array.from({ length: 5 }, () =>
        Array.from({ length: 1 + Math.floor(random() * 4) }, () => "é".repeat(Math.floor(random() ** 6 * 40_000))),
      );
      const stream = Buffer.concat(messages.map((frames) => encoded(...frames)));
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length; ) {
        const size = 1 + Math.floor(random() ** 3 * 60_000);
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      const expected = messages.map((frames) => frames.map((frame) => Buffer.from(frame).toString("latin1")).join("|"));
      expect(decode(chunks)).toEqual(expected);
    }
  });

  test("either understands or refuses rubbish, and ends", () => {
    const random = seededRandom(42);
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const rubbish = Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * (round % 2 ? 256 : 8))));
      try {
        decode([rubbish.subarray(0, 11), rubbish.subarray(11)]);
      } catch (error) {
        expect(error).toBeInstanceOf(ZmtpProtocolError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  test("copies small frames and gives large ones without copying", () => {
    const chunk = Buffer.concat([wire("small"), wire(Buffer.alloc(100_000, "x"))]);
    const decoder = new Decoder(LIMITS, () => undefined);
    decoder.push(chunk);
    expect(decoder.next()?.[0]?.buffer).not.toBe(chunk.buffer);
    expect(decoder.next()?.[0]?.buffer).toBe(chunk.buffer);
  });

  test.each([
    ["an unknown flag", Buffer.from([0x08, 0x00]), /0x08/],
    ["a command with more to come", Buffer.from([0x05, 0x00]), /0x05/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decode([bytes])).toThrow(ZmtpProtocolError);
    expect(() => decode([bytes])).toThrow(message);
  });

  test("refuses a frame over the limit as soon as its size is known", () => {
    const header = Buffer.from([0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    expect(() => decode([header])).toThrow(ZmtpLimitError);
    expect(() => decode([wire("x".repeat(11))], { ...LIMITS, maxFrameBytes: 10 })).toThrow(/11 bytes, at most 10/);
  });

  test("refuses a message whose frames are too many, or too much together", () => {
    expect(() => decode([wire("12345", "123456")], { ...LIMITS, maxMessageBytes: 10 })).toThrow(/11 bytes, at most 10/);
    expect(() => decode([wire("", "", "")], { ...LIMITS, maxFrames: 2 })).toThrow(/more than 2 frames/);
    expect(decode([wire("12345", "12345")], { ...LIMITS, maxMessageBytes: 10 })).toEqual(["12345|12345"]);
  });

  test("takes no memory for a size that is only claimed", () => {
    const header = Buffer.alloc(9);
    header[0] = 2;
    header.writeUInt32BE(1 << 30, 5);
    const limits = { ...LIMITS, maxFrameBytes: 2 ** 31, maxMessageBytes: 2 ** 31 };
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 20 }, () => {
      const decoder = new Decoder(limits, () => undefined);
      decoder.push(header);
      decoder.push(Buffer.from("the beginning"));
      expect(decoder.next()).toBeUndefined();
      return decoder;
    });
    expect(decoders.length).toBe(20);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024);
  });
});

describe("the encoder", () => {
  test.each([0, 1, 85, 86, 255, 256, 10_000, 32_759, 40_000])("frames %d bytes, as text or as bytes", (size) => {
    const text = "x".repeat(size);
    const expected = wire(text);
    expect(encoded(text).equals(expected)).toBe(true);
    expect(encoded(Buffer.from(text)).equals(expected)).toBe(true);
    expect(encoded("head", text, "tail").equals(wire("head", text, "tail"))).toBe(true);
  });

  test("counts bytes, not characters", () => {
    expect(encoded("łódź 🔭").equals(wire(Buffer.from("łódź 🔭")))).toBe(true);
    expect(encoded("é".repeat(200)).equals(wire(Buffer.from("é".repeat(200))))).toBe(true);
  });

  test("sends a large frame from where it is", () => {
    const image = Buffer.alloc(1_000_000);
    expect(encode(["meta", image]).pieces).toContain(image);
  });
});
