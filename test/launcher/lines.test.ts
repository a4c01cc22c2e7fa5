import { expect, test } from "bun:test";
import { readLines } from "../../src/launcher/homes/lines.ts";

async function linesOf(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const lines: string[] = [];
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of bytes) controller.enqueue(chunk);
      controller.close();
    },
  });
  await readLines(stream, (line) => lines.push(line));
  return lines;
}

test("lines are told without their ends, the last one also without an end, empty ones not at all", async () => {
  expect(await linesOf("one\ntwo\r\n\n\nthree")).toEqual(["one", "two", "three"]);
  expect(await linesOf()).toEqual([]);
  expect(await linesOf("\n\n")).toEqual([]);
});

test("a line may come in pieces, and a character too", async () => {
  const [first, second] = [new Uint8Array([0xe2, 0x9c]), new Uint8Array([0x93, 0x0a])];
  expect(await linesOf("o", "ne\ntw", "o\n", first, second)).toEqual(["one", "two", "✓"]);
  expect(await linesOf("one\r", "\ntwo\n")).toEqual(["one", "two"]);
});

test("bytes that are no text do not stop the reading", async () => {
  expect(await linesOf(new Uint8Array([0xff, 0xfe, 0x0a]), "after\n")).toEqual(["��", "after"]);
});

test("a line without an end is told in pieces, so that it cannot fill the memory", async () => {
  const chunks = Array.from({ length: 40 }, () => "x".repeat(10_000));
  const lines = await linesOf(...chunks, "\nend\n");
  expect(lines.slice(0, -1).join("")).toBe(chunks.join(""));
  for (const line of lines) expect(line.length).toBeLessThan(80_000);
  expect(lines.at(-1)).toBe("end");
});

test("a long line is told in pieces that are no longer, and no character is cut in two", async () => {
  const line = `x${"🔭".repeat(100_000)}`;
  const lines = await linesOf(`${line}\nend\n`);
  expect(lines.slice(0, -1).join("")).toBe(line);
  for (const piece of lines) {
    expect(piece.length).toBeLessThanOrEqual(64 * 1024);
    expect(piece.isWellFormed()).toBe(true);
  }
});

test("between two pieces of a flood the loop has time for others, and no line is lost", async () => {
  const piece = new TextEncoder().encode(`${"x".repeat(63)}\n`.repeat(1024));
  let pieces = 0;
  const flood = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pieces++ < 20) controller.enqueue(piece);
      else controller.close();
    },
  });
  let lines = 0;
  let busyMs = 0;
  const beganMs = performance.now();
  await readLines(flood, () => {
    lines += 1;
    if (lines % 1024 > 0) return;
    // Work that the launcher has with a piece.
    const startMs = performance.now();
    while (performance.now() < startMs + 5);
    busyMs += performance.now() - startMs;
  });
  expect(lines).toBe(20 * 1024);
  // It rests twice as long as it works, but for the last piece.
  expect(performance.now() - beganMs).toBeGreaterThan(2.5 * busyMs);
});
