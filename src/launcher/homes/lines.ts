// Reads a child's output line by line, always: a full pipe would block the child.
// One that floods is read with pauses, so that the launcher has time for all others: it is slowed, and loses nothing.

/** A piece this large, bytes, means that more is waiting. */
const FLOOD_BYTES = 32 * 1024;
/** After a piece of a flood, reading rests for this many times what it took. */
const REST = 2;
/** Until when floods rest, of all children together, monotonic milliseconds. */
let restsUntilMs = 0;

/** Longer lines are told in pieces, so that a child cannot fill the launcher's memory. */
const LONGEST_LINE = 64 * 1024;

/** Calls `onLine` for each line of `stream`, without line ends. Resolves at its end. */
export async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let open = "";
  const tell = (line: string) => {
    for (const piece of piecesOf(line)) onLine(piece);
  };
  for await (const chunk of stream) {
    const isFlood = chunk.length >= FLOOD_BYTES;
    if (isFlood) await rest();
    const beganMs = performance.now();
    const lines = (open + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    open = lines.pop() ?? "";
    for (const line of lines) tell(line);
    if (open.length > LONGEST_LINE) {
      tell(open);
      open = "";
    }
    if (isFlood) restsUntilMs = Math.max(restsUntilMs, beganMs) + (REST + 1) * (performance.now() - beganMs);
  }
  tell(open + decoder.decode());
}

/** Waits for its turn among the floods. */
async function rest(): Promise<void> {
  for (let leftMs = restsUntilMs - performance.now(); leftMs > 0; leftMs = restsUntilMs - performance.now()) {
    await Bun.sleep(Math.ceil(leftMs));
  }
}

function* piecesOf(line: string): Iterable<string> {
  for (let at = 0; at < line.length; ) {
    // Not between the two halves of a character.
    const end = at + LONGEST_LINE - (isHighSurrogate(line.charCodeAt(at + LONGEST_LINE - 1)) ? 1 : 0);
    yield line.slice(at, end);
    at = end;
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
