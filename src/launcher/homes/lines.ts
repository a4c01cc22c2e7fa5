// Reads a child's output line by line, always: a full pipe would block the child.

/** Longer lines are told in pieces, so that a child cannot fill the launcher's memory. */
const LONGEST_LINE = 64 * 1024;

/** Calls `onLine` for each line of `stream`, without line ends. Resolves at its end. */
export async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const tell = (line: string) => {
    for (const piece of piecesOf(line)) onLine(piece);
  };
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) tell(line);
    if (rest.length > LONGEST_LINE) {
      tell(rest);
      rest = "";
    }
  }
  tell(rest + decoder.decode());
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
